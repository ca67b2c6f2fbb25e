// The form's lookup as code.

import { byId, copies, element, tabs } from "./dom.js";

const place = byId("code");

/** By tab. @type {Record<string, (query: Record<string, string>) => string>} */
const SNIPPETS = {
  node: (query) => `// npm install nyne-phone-finder
import { findPhone } from "nyne-phone-finder";

const person = ${literal(query)};
const { mobile } = await findPhone(person, {
  apiKey: process.env.NYNE_API_KEY,
  apiSecret: process.env.NYNE_API_SECRET,
});
console.log(mobile ?? "no number found");`,

  worker: (query) => `import { findPhone } from "nyne-phone-finder";

export default {
  async fetch(request, env) {
    // Answer only those who may spend your credits.
    const person = ${literal(query, "    ")};
    const { mobile } = await findPhone(person, {
      apiKey: env.NYNE_API_KEY,
      apiSecret: env.NYNE_API_SECRET,
    });
    return Response.json({ mobile });
  },
};`,

  extension: (query) => `// Background module, bundled. A proxy of yours adds the keys.
// A whole extension: examples/extension.
import { createClient } from "nyne-phone-finder";

const baseUrl = "https://example.com/api/nyne";
const nyne = createClient({ baseUrl });

chrome.action.onClicked.addListener(async () => {
  const person = ${literal(query, "  ")};
  // The browser may stop this script:
  // the next click goes on with the job.
  let { request } = await chrome.storage.session.get("request");
  request ??= await nyne.submitPhone(person);
  await chrome.storage.session.set({ request });
  const { mobile } = await nyne.pollResult(request);
  await chrome.storage.session.remove("request");
  console.log(mobile ?? "no number found");
});`,

  curl: (query) => `curl https://api.nyne.ai/person/phone \\
  -H "X-API-Key: $NYNE_API_KEY" \\
  -H "X-API-Secret: $NYNE_API_SECRET" \\
  -H "Content-Type: application/json" \\
  -d ${quoted(JSON.stringify(snake(query)))}

# Every few seconds, with the answer's request_id:
curl -G https://api.nyne.ai/person/phone \\
  -H "X-API-Key: $NYNE_API_KEY" \\
  -H "X-API-Secret: $NYNE_API_SECRET" \\
  -d "request_id=$REQUEST_ID"`,
};

/** On one line if it is short. */
function literal(query, indent = "") {
  const fields = Object.entries(query).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
  const line = `{ ${fields.join(", ")} }`;
  return line.length <= 40 ? line : `{\n${fields.map((field) => `${indent}  ${field},\n`).join("")}${indent}}`;
}

const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;

const snake = ({ socialMediaUrl, ...query }) => (socialMediaUrl === undefined ? query : { ...query, social_media_url: socialMediaUrl });

let query = {};
let kind = "node";

/** Shows the code of another query. */
export function follow(next) {
  query = next;
  draw();
}

/** Strings, comments and words of the language in colours of their own. */
function draw() {
  const parts = SNIPPETS[kind](query).split(/("(?:[^"\\\n]|\\.)*"|'(?:[^']|'\\'')*'|(?:^|(?<= ))(?:\/\/|#).*$|\b(?:import|from|const|let|await|async|export|default|return|curl)\b)/m);
  place.replaceChildren(
    ...parts.map((part, index) => {
      if (index % 2 === 0) return part;
      const className = /^["']/.test(part) ? "string" : /^(\/\/|#)/.test(part) ? "comment" : "keyword";
      return element("span", { className }, part);
    }),
  );
}

tabs(byId("code-tabs"), (tab) => {
  kind = tab.dataset.kind;
  draw();
});
copies(byId("copy-code"), () => SNIPPETS[kind](query));
