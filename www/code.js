// The form's lookup as code.

import { byId, copies, element, tabs } from "./dom.js";

const place = byId("code");

const KEYS = "{ apiKey: process.env.NYNE_API_KEY, apiSecret: process.env.NYNE_API_SECRET }";

/** By tab. @type {Record<string, (query: Record<string, string>) => string>} */
const SNIPPETS = {
  node: (query) => `// npm install nyne-phone-finder
import { findPhone } from "nyne-phone-finder";

const keys = ${KEYS};
const { mobile } = await findPhone(${literal(query)}, keys);
console.log(mobile ?? "no number found");`,

  worker: (query) => `import { findPhone } from "nyne-phone-finder";

export default {
  async fetch(request, env) {
    // Answer only those who may spend your credits.
    const keys = { apiKey: env.NYNE_API_KEY, apiSecret: env.NYNE_API_SECRET };
    const { mobile } = await findPhone(${literal(query)}, keys);
    return Response.json({ mobile });
  },
};`,

  extension: (query) => `// The background script. It holds no keys: a proxy of yours adds them.
import { createClient } from "nyne-phone-finder";

const nyne = createClient({ baseUrl: "https://example.com/api/nyne" });

chrome.action.onClicked.addListener(async () => {
  // Kept, since the browser may stop the script while it waits.
  const request = await nyne.submitPhone(${literal(query)});
  await chrome.storage.session.set({ request });
  const { mobile } = await nyne.pollResult(request);
  console.log(mobile ?? "no number found");
});`,

  curl: (query) => `curl https://api.nyne.ai/person/phone \\
  -H "X-API-Key: $NYNE_API_KEY" -H "X-API-Secret: $NYNE_API_SECRET" \\
  -H "Content-Type: application/json" \\
  -d ${quoted(JSON.stringify(snake(query)))}

# Then, every few seconds, with the request_id of the answer:
curl "https://api.nyne.ai/person/phone?request_id=$REQUEST_ID" \\
  -H "X-API-Key: $NYNE_API_KEY" -H "X-API-Secret: $NYNE_API_SECRET"`,
};

const literal = (query) =>
  `{ ${Object.entries(query)
    .map(([name, value]) => `${name}: ${JSON.stringify(value)}`)
    .join(", ")} }`;

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
  const parts = SNIPPETS[kind](query).split(/("(?:[^"\\\n]|\\.)*"|'(?:[^']|'\\'')*'|(?:^|(?<= ))(?:\/\/|#).*$|\b(?:import|from|const|await|async|export|default|return|curl)\b)/m);
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
