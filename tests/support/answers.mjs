// Answers made by hand, for a `fetch` of a case's own. They have what the package's types ask of a response and no more.

export const ID = "a1b2c3";

/** An answer with a body, which is JSON unless it is a text already. */
export function answer(status, body, headers = {}) {
  const bytes = new TextEncoder().encode(typeof body === "string" ? body : JSON.stringify(body));
  const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  return { status, headers: { get: (name) => lower[name.toLowerCase()] ?? null }, body: streamOf([bytes]) };
}

/** A body of these chunks. */
export function streamOf(chunks) {
  const left = [...chunks];
  const read = async () => (left.length > 0 ? { done: false, value: left.shift() } : { done: true });
  return { getReader: () => ({ read, cancel: async () => {} }) };
}

const job = (fields) => ({ success: true, data: { request_id: ID, ...fields } });

export const queued = (headers) => answer(202, job({ status: "queued" }), headers);
export const pending = (headers) => answer(200, job({ status: "processing" }), headers);
export const completed = (mobile) => answer(200, job({ status: "completed", completed: true, result: { mobile } }));
export const failed = (error) => answer(200, job({ status: "failed", error }));
/** An error as Nyne words it. */
export const refusal = (status, code, headers) => answer(status, { success: false, error: { code, message: "Not now." } }, headers);
/** The same without a code of Nyne's, as something in between gives it. */
export const gatewayError = (status, headers) => answer(status, "<html>", headers);
/** A connection that breaks. */
export const reset = () => {
  throw new TypeError("fetch failed");
};
/** A connection that stands still. */
export const silence = () => new Promise(() => {});
