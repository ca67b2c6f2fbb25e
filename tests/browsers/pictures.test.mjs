// The pictures of the READMEs, docs/pictures/, taken of what they show: of the page as it has found a number, and of a terminal with
// the emulator and a list of people. Beside each is its text, which has to be what they show now. `cargo xtask pictures`, which sets
// NYNE_PICTURES, takes them anew.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";

import { node24, packageFolder } from "../support/places.mjs";
import { launch, open, serveFiles } from "./playground.mjs";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PICTURES = join(ROOT, "docs/pictures");
const LARGEST = 60_000;
const TAKE = Boolean(process.env.NYNE_PICTURES);
/** Of the terminal. */
const COLUMNS = 112;

const PEOPLE = `Name,Company
Ada Example,Example Corp
Noah Mobile,Example Corp
Alba Sample,Example Corp
Bruno Sample,Sample Industries
Clara Sample,Placeholder Labs
Dario Sample,Fictitious Foods
Edda Sample,Mock Motors
Fabio Sample,Test Pattern Media
Nobody Sample,Example Corp
`;

describe("the pictures", () => {
  let browser;
  before(async () => (browser = await launch()));
  after(() => browser?.close());

  it("of the page are of what it shows", async () => {
    const files = await serveFiles();
    try {
      const here = await open(browser, files.url, { width: 1024, height: 680, deviceScaleFactor: 1.5 });
      await here.press("Slow");
      await here.event("Found");
      // Without the line of time, which is never the same.
      const shown = ["header", "#tabs", "#one-form", "#outcome", ".legend"];
      const texts = await Promise.all(shown.map((part) => here.locator(part).innerText()));
      const { y, height } = await here.locator("#lookup").boundingBox();
      await here.mouse.move(0, 0);
      for (const [name, colorScheme] of [["page", "light"], ["page-dark", "dark"]]) {
        await here.emulateMedia({ colorScheme, reducedMotion: "reduce" });
        await take(here, name, { x: 0, y: 0, width: 1024, height: y + height + 12 });
      }
      await check("page", texts.join("\n"));
    } finally {
      files.stop();
    }
  });

  it("of a terminal are of what the program prints there", async () => {
    const { emulator, list } = await recorded();
    const here = await browser.newPage({ viewport: { width: 1000, height: 600 }, deviceScaleFactor: 1.5 });
    await here.setContent("<title>Terminal</title><main>");
    await here.addStyleTag({ path: fileOf("@xterm/xterm/css/xterm.css") });
    await here.addStyleTag({ content: STYLE });
    await here.addScriptTag({ path: fileOf("@xterm/xterm/lib/xterm.js") });
    const text = await here.evaluate(draw, { columns: COLUMNS, texts: [emulator, list] });
    await take(here, "terminal", await here.locator("main").boundingBox());
    await check("terminal", lasting(text));
  });
});

/** Takes a picture if that is asked for. There has to be one, and the README has to show it. */
async function take(page, name, clip) {
  const file = join(PICTURES, `${name}.webp`);
  if (TAKE) {
    // Playwright's own screenshots have no WebP, which takes a third of PNG.
    const session = await page.context().newCDPSession(page);
    const { data } = await session.send("Page.captureScreenshot", { format: "webp", quality: 80, clip: { ...clip, scale: 1 } });
    await mkdir(PICTURES, { recursive: true });
    await writeFile(file, Buffer.from(data, "base64"));
  }
  const { size } = await stat(file);
  assert.ok(size < LARGEST, `${file} has ${size} bytes`);
  assert.ok((await readFile(join(ROOT, "README.md"), "utf8")).includes(`docs/pictures/${name}.webp`), name);
}

/** Compares what is shown now with what was shown when the picture was taken. */
async function check(name, text) {
  const file = join(PICTURES, `${name}.txt`);
  const now = `${text.trim().replace(/\s*\n\s*/g, "\n")}\n`;
  if (TAKE) await writeFile(file, now);
  assert.equal(now, await readFile(file, "utf8"), `docs/pictures/${name}.webp is out of date: cargo xtask pictures takes it anew`);
}

/** A terminal's text without what differs from one run to the next: numbers, and how far the bar is. */
const lasting = (text) => text.replace(/\b\d+(?= (found|missing|failed|s left|min left))|(?<=credits )\d+|\d+(?=\/(\d+:|min))/g, "N").replace(/[\u2588\u2591]+/g, "[bar]").replace(/\b(s|min) left/, "left");

/** What two terminals show, with what was typed there: of the emulator, and of a list that it is asked for, half-way. */
async function recorded() {
  const folder = await mkdtemp(join(tmpdir(), "nyne-pictures-"));
  const emulated = inTerminal(folder, ["emulator", "--speed", "20", "--port", "0"]);
  try {
    await writeFile(join(folder, "people.csv"), PEOPLE);
    const printed = await emulated.until(/ada@example\.com/);
    const [address, port] = /http:\/\/127\.0\.0\.1:(\d+)/.exec(printed);
    const keys = { NYNE_BASE_URL: address, NYNE_API_KEY: "nyne_live_emulator", NYNE_API_SECRET: "nyne_sec_emulator" };
    const program = inTerminal(folder, ["people.csv", "--output", "numbers.csv"], keys);
    const list = await program.ended;
    // As if nobody else had the usual port.
    const emulator = printed.replaceAll(port, "8787");
    return {
      emulator: `${typed("npx nyne-phone-finder emulator --speed 20")}${emulator}`,
      list: `${typed(/^export.*$/m.exec(emulator)[0].trim())}${typed("npx nyne-phone-finder people.csv --output numbers.csv")}${halfWay(list)}`,
    };
  } finally {
    await emulated.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

const typed = (command) => `\u001b[32m$\u001b[0m \u001b[1m${command}\u001b[0m\r\n`;

/** What was printed until the bar was beyond its middle, and the rest of a longer line before it erased. */
function halfWay(printed) {
  const frames = [...printed.matchAll(/(\d+)\/(\d+): [^\r\n\u001b]*\u001b\[0K/g)].filter(([, done, all]) => Number(done) <= (2 / 3) * Number(all));
  const last = frames.at(-1);
  assert.ok(last, printed);
  return printed.slice(0, last.index + last[0].length);
}

/** Runs the package's program in a terminal: util-linux's script makes one. */
function inTerminal(folder, options, env) {
  const command = [node24(), join(packageFolder(), "dist/cli.js"), ...options].join(" ");
  const child = spawn("script", ["--quiet", "--return", "--command", `stty cols ${COLUMNS}; exec ${command}`, "/dev/null"], {
    cwd: folder,
    env: { PATH: process.env.PATH, TERM: "xterm-256color", ...env },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = once(child, "close").then(() => printed);
  let printed = "";
  const stream = child.stdout.setEncoding("utf8");
  stream.on("data", (text) => (printed += text));
  return {
    async until(what) {
      while (!what.test(printed)) await Promise.race([once(stream, "data"), ended.then(() => assert.fail(printed))]);
      return printed;
    },
    ended,
    /** Ctrl+C. */
    async stop() {
      child.stdin.write("\u0003");
      await ended;
    },
  };
}

const fileOf = (name) => createRequire(import.meta.url).resolve(name);

const STYLE = `
  body { margin: 0; background: #e7e8f2; }
  main { display: grid; gap: 12px; width: fit-content; padding: 16px; }
  section { padding: 14px 16px; border-radius: 10px; background: #14161c; }
  .scrollbar { display: none; }
`;

/** In the browser: writes each text to a terminal of its own, and returns what they then show. */
async function draw({ columns, texts }) {
  const shown = [];
  for (const text of texts) {
    const place = document.querySelector("main").appendChild(document.createElement("section"));
    const theme = { background: "#14161c", foreground: "#d9dce6", green: "#5fd394" };
    const terminal = new globalThis.Terminal({ cols: columns, rows: 40, fontSize: 13, lineHeight: 1.3, fontFamily: "monospace", scrollback: 0, theme });
    terminal.open(place);
    await new Promise((resolve) => terminal.write(`${text}\u001b[?25l`, resolve));
    const { active } = terminal.buffer;
    const lines = Array.from({ length: active.length }, (_, index) => active.getLine(index).translateToString(true));
    const rows = active.cursorY + 1;
    await new Promise((resolve) => (terminal.onRender(resolve), terminal.resize(columns, rows)));
    shown.push(...lines.slice(0, rows));
  }
  return shown.join("\n");
}
