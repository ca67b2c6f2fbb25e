// This package, as one might use it for many: every lookup at once, over one client.

import { createClient } from "nyne-phone-finder";

export async function lookUp(people, options, done) {
  const { findPhone } = createClient(options);
  await Promise.all(people.map((person) => findPhone(person).then(({ mobile }) => done(mobile), (error) => done(undefined, error))));
}
