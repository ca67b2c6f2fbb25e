// The code in the pages of docs/, so that a test runs what people copy.

import { readFile } from "node:fs/promises";

/**
 * The block of code of a page whose first line is the comment `// NAME` (in SQL, `-- NAME`), perhaps with more text after the name.
 * @param {string} page such as "durable.md" @param {string} name such as "workflow.js"
 */
export async function recipe(page, name) {
  const text = await readFile(new URL(`../../docs/${page}`, import.meta.url), "utf8");
  const blocks = [...text.matchAll(/^```\w+\n([^]*?)^```$/gm)].map(([, code]) => code);
  const found = blocks.filter((code) => /^(?:\/\/|--) (\S+?)[:,]?(\s|$)/.exec(code)?.[1] === name);
  if (found.length !== 1) throw new Error(`docs/${page} has ${found.length} blocks of code named ${name}`);
  return found[0];
}
