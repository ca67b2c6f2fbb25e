// @ts-check
// For every other host that compiles bytes: pages, extensions, web workers. The module's bytes stand in the script itself, so
// nothing has to be fetched, resolved or configured.

// @ts-ignore The build gives its bytes in base64.
import base64 from "./nyne_phone_finder.wasm.deflate";
import { compileWith } from "./guard.js";
import { compile } from "./inflate.js";

/** How many bytes they are once inflated: the build puts the number here. @returns {number} */
// @ts-ignore
const size = () => MODULE_SIZE;

compileWith(() => compile(base64, size()));

export * from "./api.js";
