// A store in a file: a line of JSON for each claim, on the disk before `set` returns.

import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from "node:fs";

export function fileStore(path) {
  const claims = new Map();
  const text = existsSync(path) ? readFileSync(path, "utf8") : "";
  for (const line of text.split("\n")) {
    try {
      const [key, claim] = JSON.parse(line);
      claims.set(key, claim);
    } catch {
      // The program was killed while it wrote this line, so nothing that follows from it has happened.
    }
  }
  const file = openSync(path, "a");
  const write = (line) => (writeSync(file, line), fsyncSync(file));
  if (text !== "" && !text.endsWith("\n")) write("\n");
  return {
    get: (key) => claims.get(key),
    set(key, claim) {
      write(`${JSON.stringify([key, claim])}\n`);
      claims.set(key, claim);
    },
    claims,
    close: () => closeSync(file),
  };
}
