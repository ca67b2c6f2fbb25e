export { POST } from "../server/route.js";

// Next's data cache answers every fetch that does not say otherwise.
export const fetchCache = "default-cache";
