// The fault table's form, and what is done with one of its rows.
//
// A row says what goes wrong and how the call then ends:
//
//   name, world       as for any case (tests/support/case.mjs)
//   call              what is called, given the context and the options; findPhone for Ada unless told otherwise
//   options           further options, or a function that makes them of the context and `abort`
//   fetch             used in place of the host's; it is given the URL, the init and the context
//   abortWhen         aborts the call as soon as this is true, given the world's log and the updates so far
//   ends              the result or the error: `{ mobile }` or `{ code, submitted, requestId, … }`. "known" stands for any
//                     id of the emulator's, a list for any one of its values. Beside it `posts` and `gets`, the requests that
//                     were sent: a number, or `[least, most]`; `jobs` are those that the emulator made
//   closes            the method of a request whose connection the client must have closed
//   unlike            hosts that end otherwise for reasons of their own: `{ [host]: ends, because }`
//   hosts, because    as for any case

import { wait } from "../support/case.mjs";
import { equal, isOneOf, match, ok } from "../support/check.mjs";
import { ADA, REQUEST_ID } from "../support/emulator.mjs";
import { countedSignal, watchTimers } from "../support/leftovers.mjs";

/** The case that proves a row. */
export const proof = (row) => ({
  name: row.name,
  world: row.world,
  hosts: row.hosts,
  because: row.hosts && row.because,
  async run(context) {
    const expected = { ...row.ends, ...row.unlike?.[context.host] };
    for (const fact of ["posts", "gets", ...(expected.code ? ["submitted"] : [])]) ok(fact in expected, `the row does not state ${fact}`);
    const { outcome, sent, left } = await perform(row, context);
    isAsExpected(outcome, expected, context);
    const { posts, gets, jobs } = await sent();
    inRange(posts, expected.posts, "POSTs");
    inRange(gets, expected.gets, "GETs");
    if (expected.jobs !== undefined) equal(jobs, expected.jobs, "jobs");
    equal(left, { timers: 0, listeners: 0 }, "what is left behind");
    if (row.closes) {
      await context.eventually("the connection is closed", async () => (await context.requests(row.closes)).at(-1).closedEarly);
    }
    equal(await context.sink.requests(), [], "what another address was sent");
  },
});

/** Does what a row says; returns the error or result, the updates that came before it, and what was sent and left. */
export async function perform({ call = find, options, fetch: fake, abortWhen }, context) {
  const { signal, controller, listeners } = countedSignal();
  const abort = () => controller.abort();
  const fetched = { posts: 0, gets: 0 };
  const counting = (url, init) => {
    fetched[init.method === "POST" ? "posts" : "gets"]++;
    return fake(url, init, context);
  };
  const updates = [];
  const merged = {
    ...context.options,
    signal,
    onStatus: (update) => updates.push(update),
    ...(fake && { fetch: counting }),
    ...(typeof options === "function" ? options(context, abort) : options),
  };
  const timers = watchTimers();
  try {
    const lookup = settled(call(context, merged));
    if (abortWhen) {
      await context.eventually("the moment of the abort", async () => abortWhen(await context.log(), updates));
      await stopsAtOnce(lookup, abort);
    }
    const outcome = await lookup.promise;
    const left = { timers: timers.left(), listeners: listeners.size };
    return { outcome, updates, left, sent: async () => (fake ? fetched : context.log()) };
  } finally {
    timers.stop();
  }
}

const find = ({ api }, options) => api.findPhone(ADA, options);

/** A promise of how `promise` ends, which also tells whether it has. */
function settled(promise) {
  const state = { over: false };
  const end = (outcome) => ((state.over = true), outcome);
  state.promise = promise.then((result) => end({ result }), (error) => end({ error }));
  return state;
}

async function stopsAtOnce(lookup, abort) {
  // The log runs ahead of the client: what was answered there is still under way.
  await wait(50);
  ok(!lookup.over, "the call ended before it was aborted");
  abort();
  await wait(0);
  ok(lookup.over, "the call did not end within one turn of the event loop");
}

function isAsExpected({ result, error }, { posts, gets, jobs, because, requestId, message, ...fields }, context) {
  if (error) context.isSound(error);
  const actual = error ?? result;
  const what = error ? `error.${error.code}` : "result";
  for (const [name, value] of Object.entries(fields)) isOneOf(actual[name], value, `${name} of ${what}`);
  ok(error ? "code" in fields : "mobile" in fields, `unexpected ${what}: ${error ?? JSON.stringify(result)}`);
  if (requestId === "known") match(actual.requestId, REQUEST_ID, "requestId");
  else if (requestId !== undefined) equal(actual.requestId, requestId, "requestId");
  if (message) match(actual.message, message, "message");
}

function inRange(actual, expected, what) {
  const [least, most] = Array.isArray(expected) ? expected : [expected, expected];
  ok(actual >= least && actual <= most, `${actual} ${what}, expected ${expected}`);
}
