// Checks that work in every host: node:assert exists in one of them only.

export function ok(value, what) {
  if (!value) throw new Error(what);
}

/** Compares by structure: what JSON can hold, and undefined. */
export function equal(actual, expected, what = "value") {
  ok(same(actual, expected), `${what} is ${show(actual)}, expected ${show(expected)}`);
}

/** Compares with a value, or with each of a list. */
export function isOneOf(actual, expected, what = "value") {
  if (!Array.isArray(expected)) return equal(actual, expected, what);
  ok(expected.some((one) => same(actual, one)), `${what} is ${show(actual)}, expected one of ${show(expected)}`);
}

export function match(text, pattern, what = "text") {
  ok(typeof text === "string" && pattern.test(text), `${what} is ${show(text)}, expected ${pattern}`);
}

/** What `promise` rejects with. */
export async function rejection(promise) {
  let value;
  try {
    value = await promise;
  } catch (error) {
    return error;
  }
  throw new Error(`expected a rejection, got ${show(value)}`);
}

function same(a, b) {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && same(a[key], b[key]));
}

function show(value) {
  if (value instanceof Error) return String(value);
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}
