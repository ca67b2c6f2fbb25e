// @ts-check
// The emulator's module for every host that compiles bytes. They stand in the script itself, as those of the package's own module do.

import { compile as compileBytes } from "../inflate.js";
// @ts-ignore The build gives its bytes in base64.
import base64 from "./nyne_emulator.wasm.deflate";

/** How many bytes they are once inflated: the build puts the number here. @returns {number} */
// @ts-ignore
const size = () => EMULATOR_SIZE;

export const compile = () => compileBytes(base64, size());
