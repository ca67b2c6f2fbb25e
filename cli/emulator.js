// @ts-check
// `npx nyne-phone-finder emulator`: the emulated service at an address of this machine.

import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { parseArgs } from "node:util";

import { Service } from "../pkg-template/emulator/service.js";
import { Failure } from "./failure.js";

const HELP = `Emulates Nyne's Phone Finder on this machine: nobody in it is real, and nothing is charged.

Usage:
  nyne-phone-finder emulator

  --port N               port to listen on, 8787 unless given; 0 takes any that is free
  --speed FACTOR         divides every duration of the service: how long jobs take, limits, expiry
  --latency MS           how long jobs take; some 40 s unless given
  --credits N            the account's credits, 1000 unless given
  --failures SHARE       the share of the jobs that fail, from 0 to 1
  --cors                 lets pages of other origins call
  --help, -h
`;

/** The largest body of a request that the emulator takes. */
const LARGEST = 1 << 20;

/** How long a callback's receiver may take, in ms. */
const PATIENCE = 10_000;

/** Serves until the process is ended. @param {string[]} argv what follows the word "emulator" */
export async function emulate(argv) {
  const options = readOptions(argv);
  if (options === "help") return void process.stdout.write(HELP);
  const server = createServer(listener(start(options.settings), options.settings.cors)).listen(options.port, "127.0.0.1");
  await once(server, "listening").catch(({ code, message }) => {
    throw new Failure(code === "EADDRINUSE" ? `Port ${options.port} is in use. Choose another one: --port 8788` : message);
  });
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  const address = `http://127.0.0.1:${port}`;
  process.stdout.write(`Nyne's Phone Finder is emulated at ${address} until you press Ctrl+C. To ask it, in another terminal:

export NYNE_BASE_URL=${address} NYNE_API_KEY=nyne_live_emulator NYNE_API_SECRET=nyne_sec_emulator
npx nyne-phone-finder ada@example.com
`);
}

/** @param {string[]} argv */
function readOptions(argv) {
  const text = /** @type {const} */ ({ type: "string" });
  const flag = /** @type {const} */ ({ type: "boolean" });
  const options = { port: text, speed: text, latency: text, credits: text, failures: text, cors: flag, help: { ...flag, short: "h" } };
  let values;
  try {
    ({ values } = parseArgs({ args: argv, options }));
  } catch (error) {
    throw new Failure(`${/** @type {Error} */ (error).message.split(/\.\s/)[0]}. See nyne-phone-finder emulator --help.`);
  }
  if (values.help) return "help";
  /** @param {"port" | "speed" | "latency" | "credits" | "failures"} name */
  const number = (name) => {
    if (values[name] === undefined) return undefined;
    if (values[name].trim() === "" || !Number.isFinite(Number(values[name]))) throw new Failure(`--${name} is a number.`);
    return Number(values[name]);
  };
  const port = number("port") ?? 8787;
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Failure("--port is a whole number from 0 to 65535.");
  const [speed, latencyMs, credits, failureShare] = [number("speed"), number("latency"), number("credits"), number("failures")];
  return { port, settings: { speed, latencyMs, credits, failureShare, cors: values.cors ?? false } };
}

/** @param {object} settings */
function start(settings) {
  // The module is a file beside the script.
  const compile = () => new WebAssembly.Module(readFileSync(new URL("./nyne_emulator.wasm", import.meta.url)));
  const send = (/** @type {Request} */ request) => fetch(request, { redirect: "manual", signal: AbortSignal.timeout(PATIENCE) });
  try {
    return new Service(compile, settings, send);
  } catch (error) {
    throw new Failure(`The emulator cannot be started: ${/** @type {Error} */ (error).message}.`);
  }
}

/** @param {Service} service @param {boolean} cors @returns {import("node:http").RequestListener} */
const listener = (service, cors) => async (request, response) => {
  const { method = "GET", url = "/", socket } = request;
  // The controls let pages call. Any page that is open on this machine could have callbacks sent to its network, and read logs.
  if (request.headers.origin !== undefined && !cors && url.startsWith("/emulator/")) {
    return void response.writeHead(403, { "Content-Type": "text/plain" }).end("Pages may call this only with --cors.\n");
  }
  const leaving = new AbortController();
  response.on("close", () => leaving.abort());
  try {
    const headers = Object.entries(request.headersDistinct).flatMap(([name, values = []]) => values.map((value) => pair(name, value)));
    const answer = await service.answer({ method, url, headers, body: await beginning(request), signal: leaving.signal });
    response.writeHead(answer.status, answer.headers.flat());
    for await (const piece of /** @type {any} */ (answer.body)) response.write(piece);
    response.end();
  } catch {
    // The answer is cut off there, or the client has left. What was written goes out first.
    setImmediate(() => socket.resetAndDestroy());
  }
};

/**
 * As much of the body as shows what is in it, or that it is too large. The rest is dropped as it comes: a client that cannot send it all
 * does not read the answer.
 * @param {import("node:http").IncomingMessage} request
 */
async function beginning(request) {
  const pieces = [];
  let length = 0;
  for await (const piece of request) {
    if (length <= LARGEST) pieces.push(piece);
    length += piece.length;
  }
  return Buffer.concat(pieces);
}

/** @param {string} name @param {string} value @returns {[string, string]} */
const pair = (name, value) => [name, value];
