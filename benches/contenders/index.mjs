// Who is compared, in the order of the tables. Each is a file of this folder that exports
//   connect({ baseUrl, apiKey, apiSecret, fetch, delay, limit }) → () => Promise<string>
// which looks one person up, waiting `delay` ms between polls and up to `limit` ms for one answer (where the contender has
// such a limit), and gives the number. Without `fetch` it uses the host's.

export const CONTENDERS = {
  loop: "plain loop",
  stoppable: "plain loop that can stop",
  plain: "plain JavaScript client",
  ky: "ky with a loop",
  fal: "@fal-ai/client",
  replicate: "replicate",
  "core-lro": "@azure/core-lro",
  package: "nyne-phone-finder",
};
export const FLOOR = "loop";
export const OWN = "package";
