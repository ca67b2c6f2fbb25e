// How many people are looked up, in the order of the tables. Each is a file of this folder that exports
//   lookUp(people, { apiKey, apiSecret, baseUrl, fetch, … }, done) → Promise<void>
// which calls `done(mobile)` for each person who has an answer, and `done(undefined, error)` for each who gets none.

export const BATCHES = {
  "find-phones": "findPhones",
  "p-limit": "Promise.all over p-limit, a poll every 5 s",
  all: "Promise.all of findPhone, one client",
};
export const OWN_BATCH = "find-phones";
