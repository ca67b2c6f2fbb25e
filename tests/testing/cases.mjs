// All that is told to nyne-phone-finder/testing in every host.

import { table } from "../support/case.mjs";
import { createEmulatorCases } from "./create-emulator.mjs";
import { sameAnswers } from "./same-answers.mjs";

export default table(sameAnswers, createEmulatorCases);
