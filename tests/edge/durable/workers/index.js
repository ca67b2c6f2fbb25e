// The main module of the page, with the tests' options.

import "./options.js";

export { default, Lookup } from "#recipe";
