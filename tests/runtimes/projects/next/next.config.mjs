import { dirname } from "node:path";

export default {
  // Next.js itself is installed in the folder above.
  turbopack: { root: dirname(import.meta.dirname) },
  outputFileTracingRoot: dirname(import.meta.dirname),
  // Strict mode runs effects twice, and so would look up twice.
  reactStrictMode: false,
};
