// Answers whose body is not what it should be.

import { ALWAYS, MOBILE, onGet, onPost } from "../../support/emulator.mjs";

const MIB = 1 << 20;

const set = (path, value) => ({ kind: "replace", path, value });

/** Bodies of which nothing can be used: the fault, and whether it is one only of a submit's or of a poll's answer. */
const UNUSABLE = [
  ["no body at all, with 204", { kind: "noContent" }],
  ["an empty body", { kind: "empty", status: 200 }],
  ["a page of HTML with status 200", { kind: "html", status: 200 }],
  ["half a JSON text", { kind: "truncate" }],
  ["a JSON text that is null", { kind: "status", status: 200, body: "null" }],
  ["a JSON text that is a list", { kind: "status", status: 200, body: "[1]" }],
  ["an envelope whose data is null", set("data", null)],
  ["an envelope whose data is a text", set("data", "queued")],
  ["a body of 2 MiB", { kind: "oversized", bytes: 2 * MIB }],
  ["a body of 2 MiB of unknown length", { kind: "oversized", bytes: 2 * MIB, chunked: true }],
  ["a body one byte over 1 MiB", { kind: "oversized", bytes: MIB + 1 }],
  ["a body one byte over 1 MiB of unknown length", { kind: "oversized", bytes: MIB + 1, chunked: true }],
  ["a compressed body that unfolds to 2 MiB", { kind: "gzip", bytes: 2 * MIB }],
  ["a request_id that is a list", set("data.request_id", ["a"])],
  ["an empty request_id", set("data.request_id", "")],
  ["no request_id", { kind: "replace", path: "data.request_id" }, "POST"],
  ["a request_id that is null", set("data.request_id", null), "POST"],
  ["another job's id", set("data.request_id", "another"), "GET"],
];

/** Completed jobs without a mobile that can be used. That is final: asking again would tell the same. */
const WITHOUT_MOBILE = [
  ["a mobile that is an object", set("data.result.mobile", { number: MOBILE })],
  ["a mobile that is true", set("data.result.mobile", true)],
  ["a result that is a text", set("data.result", MOBILE)],
  ["a result that is a list", set("data.result", [MOBILE])],
];

/** Bodies that are odd and can be used all the same. */
const USABLE = [
  ["raw control characters", { kind: "controlCharacters" }],
  ["the bare object, without its envelope", { kind: "bare" }],
  ["a wrong content type", { kind: "contentType", value: "text/plain" }],
  ["a content type that is no such thing", { kind: "contentType", value: "?" }],
  ["a compressed body", { kind: "gzip" }],
  ["a body of exactly 1 MiB", { kind: "oversized", bytes: MIB }],
  ["a body of exactly 1 MiB of unknown length", { kind: "oversized", bytes: MIB, chunked: true }],
  ["fields that are not known", set("data.surprise", { nested: [1, 2, 3] })],
  ["a timestamp that is none", set("timestamp", 12)],
];

/** Bodies that are over the limit long before they are over: the rest is not downloaded. */
const FAR_TOO_LARGE = [
  ["a body of 32 MiB", { kind: "oversized", bytes: 32 * MIB }],
  ["a body of 32 MiB of unknown length", { kind: "oversized", bytes: 32 * MIB, chunked: true }],
];

export default [
  ...FAR_TOO_LARGE.flatMap(([what, fault]) => [
    {
      name: `POST: ${what} is not downloaded`,
      world: { faults: [onPost(fault, ALWAYS)] },
      ends: { code: "submit_outcome_unknown", submitted: "unknown", requestId: null, posts: 1, gets: 0 },
      closes: "POST",
    },
    {
      name: `GET: ${what} is not downloaded`,
      world: { faults: [onGet(fault, ALWAYS)] },
      options: { maxRetries: 0 },
      ends: { code: "invalid_response", submitted: "yes", requestId: "known", posts: 1, gets: 1 },
      closes: "GET",
    },
  ]),
  ...UNUSABLE.filter(([, , only]) => only !== "GET").map(([what, fault]) => ({
    name: `POST: ${what}`,
    world: { faults: [onPost(fault, ALWAYS)] },
    ends: { code: "submit_outcome_unknown", submitted: "unknown", requestId: null, retryable: false, posts: 1, gets: 0 },
  })),
  ...UNUSABLE.filter(([, , only]) => only !== "POST").flatMap(([what, fault]) => [
    {
      name: `GET: ${what}, then an answer`,
      world: { latencyMs: 0, faults: [onGet(fault)] },
      ends: { mobile: MOBILE, requestId: "known", posts: 1, gets: 2 },
    },
    {
      name: `GET: always ${what}`,
      world: { latencyMs: 0, faults: [onGet(fault, ALWAYS)] },
      options: { maxRetries: 1 },
      ends: { code: "invalid_response", submitted: "yes", requestId: "known", retryable: true, posts: 1, gets: 2 },
    },
  ]),
  ...WITHOUT_MOBILE.map(([what, fault]) => ({
    name: `GET: ${what}`,
    world: { latencyMs: 0, faults: [onGet(fault, ALWAYS)] },
    ends: { code: "invalid_response", submitted: "yes", requestId: "known", retryable: false, posts: 1, gets: 1 },
  })),
  {
    name: "GET: no request_id",
    world: { latencyMs: 0, faults: [onGet({ kind: "replace", path: "data.request_id" })] },
    ends: { mobile: MOBILE, requestId: "known", posts: 1, gets: 1 },
  },
  ...[["a number", 7], ["an object", {}], ["null", null]].flatMap(([what, value]) => [
    {
      name: `GET: a status that is ${what}`,
      world: { latencyMs: 3_600_000, faults: [onGet(set("data.status", value), ALWAYS)] },
      options: { maxRetries: 1 },
      ends: { code: "invalid_response", submitted: "yes", requestId: "known", posts: 1, gets: 2 },
    },
    {
      name: `GET: a status that is ${what}, of a job that is completed by its own flag`,
      world: { latencyMs: 0, faults: [onGet(set("data.status", value))] },
      ends: { mobile: MOBILE, requestId: "known", posts: 1, gets: 1 },
    },
  ]),
  {
    name: "POST: a status that is a number, beside a good id",
    world: { latencyMs: 0, faults: [onPost(set("data.status", 7))] },
    ends: { mobile: MOBILE, requestId: "known", posts: 1, gets: 1 },
  },
  ...USABLE.map(([what, fault]) => ({
    name: `POST and GET: ${what}`,
    world: { latencyMs: 0, faults: [onPost(fault), onGet(fault)] },
    ends: { mobile: MOBILE, requestId: "known", posts: 1, gets: 1 },
  })),
];
