// The functions that send one request, stopped or broken off while it is under way.

import { ADA, ALWAYS, onGet, onPost } from "../../support/emulator.mjs";

const hang = (at) => ({ kind: "hang", at });

/** The options of a call that does not poll. */
const single = ({ poll, onStatus, ...options }) => options;

/** Each function: its call, its method, and what is then known. The ids are the caller's own. */
const FUNCTIONS = [
  ["submitPhone", ({ api }, options) => api.submitPhone(ADA, single(options)), "POST", { submitted: "unknown", requestId: null, posts: 1, gets: 0 }],
  ["checkStatus", ({ api }, options) => api.checkStatus("some-id", single(options)), "GET", { submitted: "yes", requestId: "some-id", posts: 0, gets: 1 }],
  [
    "confirmCallback",
    ({ api }, options) => api.confirmCallback('{"request_id":"some-id","status":"completed"}', single(options)),
    "GET",
    { submitted: "yes", requestId: "some-id", posts: 0, gets: 1 },
  ],
];

const PLACES = { start: "before the answer", headers: "inside the answer's headers", body: "inside the answer's body" };
const RESENT = "on a connection that was used before, Chromium itself sends a request again after a reset";

export default FUNCTIONS.flatMap(([name, call, method, known]) => {
  const broken = (code) => (method === "POST" ? "submit_outcome_unknown" : code);
  const under = (fault) => ({ faults: [(method === "POST" ? onPost : onGet)(fault, ALWAYS)] });
  return Object.entries(PLACES).flatMap(([at, place]) => [
    {
      name: `${name}: abort ${place}`,
      world: under(hang(at)),
      call,
      abortWhen: ({ posts, gets }) => posts + gets === 1,
      ends: { code: "aborted", name: "AbortError", status: null, retryable: false, ...known },
      closes: method,
    },
    {
      name: `${name}: requestTimeout ${place}`,
      world: under(hang(at)),
      call,
      options: { requestTimeout: 250 },
      ends: { code: broken("timeout"), status: null, retryable: method === "GET", ...known },
      closes: method,
    },
    {
      name: `${name}: reset ${place}`,
      world: under({ kind: "reset", at }),
      call,
      ends: { code: broken("network_error"), status: null, retryable: method === "GET", ...known },
      ...(at !== "body" && { unlike: { chromium: { [method === "POST" ? "posts" : "gets"]: [1, 2] }, because: RESENT } }),
    },
  ]);
});
