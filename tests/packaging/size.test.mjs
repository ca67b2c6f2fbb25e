// What the whole package costs a page that downloads it, against benches/size-budget.json.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";

import { WHOLE_PACKAGE, bundle, sizes } from "../../benches/bundle.mjs";
import { project } from "../support/places.mjs";

const BUDGET = "benches/size-budget.json";
const budget = JSON.parse(readFileSync(new URL(`../../${BUDGET}`, import.meta.url), "utf8"));
/** By how much the real size may exceed the budget: compilers and compressors differ by a few bytes. */
const SLACK = 0.01;

describe("the package, bundled and minified", () => {
  for (const compression of ["gzip", "brotli"]) {
    it(`is not larger, by ${compression}, than its budget`, async (test) => {
      const size = sizes(await bundle(WHOLE_PACKAGE, { nodePaths: [join(project(), "node_modules")] }))[compression];
      const bytes = `${size} bytes, and ${BUDGET} says ${budget[compression]}`;
      assert(size <= budget[compression] * (1 + SLACK), `it has grown to ${bytes}: make it smaller, or raise the budget if it is worth that`);
      if (size < budget[compression]) test.diagnostic(`smaller than its budget, which could be lowered: ${bytes}`);
    });
  }
});
