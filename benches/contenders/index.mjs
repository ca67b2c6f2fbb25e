// Who is compared, in the order of the tables. Each is a file of this folder that exports
//   connect({ baseUrl, apiKey, apiSecret, fetch, delay }) → () => Promise<string>
// which looks one person up with one POST and four GETs, waiting `delay` ms between polls, and gives the number.

export const CONTENDERS = {
  loop: "plain loop",
  plain: "plain JavaScript client",
  ky: "ky with a loop",
  fal: "@fal-ai/client",
  replicate: "replicate",
  "core-lro": "@azure/core-lro",
  package: "nyne-phone-finder",
};
export const FLOOR = "loop";
export const OWN = "package";
