// The emulator's control endpoints, and the faults and facts that cases name most.

export const ADA = { email: "ada@example.com" };
export const MOBILE = "+1-202-555-0100";
/** What the emulator's ids look like. To the package an id is opaque. */
export const REQUEST_ID = /^[0-9a-f]{32}_\d+_\d+$/;

/** A fault on the requests of one method, from the first on: on one of them unless told otherwise, `to: null` for ever. */
export const onPost = (fault, { from = 1, to = from } = {}) => ({ on: "POST", from, to, fault });
export const onGet = (fault, { from = 1, to = from } = {}) => ({ on: "GET", from, to, fault });
export const ALWAYS = { to: null };

/** An error as Nyne words it. */
export const nyneError = (status, code, headers) => ({
  kind: "error",
  status,
  code,
  message: `The emulator says ${code}.`,
  ...(headers && { headers }),
});

/** An answer without a code of Nyne's, as a proxy or a load balancer in between gives it. */
export const gateway = (status) => ({ kind: "html", status });

/** Faults that let a cache answer the next poll: for an hour, or for a tenth of the time since the last modification. */
export const CACHEABLE = {
  "Cache-Control: max-age": { kind: "headers", headers: { "Cache-Control": "max-age=3600" } },
  "Last-Modified alone": { kind: "headers", headers: { "Last-Modified": "Sat, 01 Jan 2000 00:00:00 GMT" } },
};

/** A world with keys of its own, so that a key that leaks is recognised as this case's. */
export async function createWorld(origin, settings) {
  const suffix = () => crypto.randomUUID().replaceAll("-", "");
  const keys = { apiKey: `nyne_live_${suffix()}`, apiSecret: `nyne_sec_${suffix()}` };
  const sink = createSink(origin, suffix());
  const { path } = await control(`${origin}/emulator/worlds`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({
      latencyMs: 10,
      exposeHeaders: true,
      ...keys,
      ...(typeof settings === "function" ? settings({ sink, keys }) : settings),
    }),
  });
  const url = origin + path;
  return { keys, sink, path, url, log: () => control(url), remove: () => control(url, { method: "DELETE" }) };
}

/** An address that takes down what is sent there: a callback's receiver, or a foreign origin. */
function createSink(origin, name) {
  const url = `${origin}/emulator/sink/${name}`;
  return { url, requests: () => control(url) };
}

async function control(url, init) {
  const response = await fetch(url, init);
  const text = await response.text();
  if (!response.ok) throw new Error(`${init?.method ?? "GET"} ${url} answered ${response.status}: ${text}`);
  return text === "" ? undefined : JSON.parse(text);
}
