// The service that every contender asks, in the words of each one's own protocol. The stub and the server share it.

/** The number that every lookup finds. */
export const NUMBER = "+1-555-123-4567";

const CREATED = "2026-01-15T10:30:00Z";
const DONE = "2026-01-15T10:31:00Z";
/** As long as Nyne's own ids. */
const id = (job) => `a1b2c3d4e5f6a1b2c3d4e5f6a1b2c3d4_1717000000_${job}`;

/** What a protocol answers: to the submit, then to a GET when `done` of the job's GETs are still to come. */
const PROTOCOLS = {
  nyne: (job, method, left) => {
    const done = left === 0;
    const end = done ? { result: { mobile: NUMBER }, completed_on: DONE } : {};
    const status = method === "POST" ? "queued" : done ? "completed" : "processing";
    const data = { request_id: id(job), status, completed: done, ...end };
    return { body: { success: true, data, timestamp: "2026-01-15T10:30:00" } };
  },
  // The last GET fetches the result, the one before it says that it is there.
  fal: (job, method, left) => {
    if (left === 0) return { body: { mobile: NUMBER, completed_on: DONE } };
    const status = left === 1 ? "COMPLETED" : method === "POST" ? "IN_QUEUE" : "IN_PROGRESS";
    return { body: { request_id: id(job), status, queue_position: 0, logs: null, metrics: {} } };
  },
  replicate: (job, method, left) => {
    const done = left === 0;
    const end = { output: done ? { mobile: NUMBER } : null, completed_at: done ? DONE : null };
    const status = method === "POST" ? "starting" : done ? "succeeded" : "processing";
    return { body: { id: id(job), status, created_at: CREATED, error: null, ...end } };
  },
  azure: (job, method, left, base) => {
    const done = left === 0;
    const status = method === "POST" ? "NotStarted" : done ? "Succeeded" : "Running";
    const body = { id: id(job), status, createdDateTime: CREATED, ...(done && { mobile: NUMBER }) };
    return { body, headers: method === "POST" ? { "Operation-Location": `${base}/azure/operations/${id(job)}` } : {} };
  },
};

/**
 * Makes a service whose jobs are done with their `gets`th GET.
 * @returns {(method: string, url: string) => { status: number, headers: Record<string, string>, body: string }}
 */
export function service(gets) {
  // By job, in a ring: it takes the same memory however many jobs there are.
  const got = new Uint8Array(1 << 21);
  let jobs = 0;
  return (method, url) => {
    const job = method === "POST" ? ++jobs : Number(/_(\d+)(?:\/status)?(?:\?|$)/.exec(url)?.[1]);
    const slot = job % got.length;
    const left = gets - (method === "POST" ? (got[slot] = 0) : ++got[slot]);
    const [, base, protocol] = /^(.*?)\/(person|fal|replicate|azure)\//.exec(url) ?? [];
    const { body, headers } = PROTOCOLS[protocol === "person" ? "nyne" : protocol](job, method, left, base);
    const text = JSON.stringify(body);
    const length = String(new TextEncoder().encode(text).length);
    const all = { "Content-Type": "application/json", "Content-Length": length, ...headers };
    return { status: method === "POST" ? 202 : 200, headers: all, body: text };
  };
}

/** A `fetch` that answers as such a service, without a network. */
export function stubFetch(gets) {
  const answer = service(gets);
  return async (input, init) => {
    const request = typeof input === "object" && "method" in input;
    const { status, headers, body } = answer((request ? input.method : init?.method) ?? "GET", request ? input.url : String(input));
    return new Response(body, { status, headers });
  };
}
