// One run of a batch over many people with a store in a file, as a program of its own that can be killed. It is sent what to
// do, and tells when it has begun to submit and what came of everybody.

import { pathToFileURL } from "node:url";

import { fileStore } from "./file-store.mjs";

process.on("message", async ({ entry, path, people, options }) => {
  const { findPhones } = await import(pathToFileURL(entry));
  const store = fileStore(path);
  let submits = 0;
  const request = (url, init) => {
    if (init.method === "POST" && ++submits === 1) process.send({ begun: true });
    return fetch(url, init);
  };
  const outcomes = [];
  for await (const { index, result, error } of findPhones(people.map((email) => ({ email })), { ...options, store, fetch: request })) {
    outcomes[index] = error ? { code: error.code, submitted: error.submitted, requestId: error.requestId } : { mobile: result.mobile };
  }
  store.close();
  process.send({ outcomes }, () => process.disconnect());
});
