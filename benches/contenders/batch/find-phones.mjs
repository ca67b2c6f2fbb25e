// This package, as it is meant to be used for many.

import { findPhones } from "nyne-phone-finder";

export async function lookUp(people, options, done) {
  for await (const outcome of findPhones(people, options)) {
    if (outcome.ok) done(outcome.result.mobile);
    else done(undefined, outcome.error);
  }
}
