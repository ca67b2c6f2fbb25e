// `npx nyne-phone-finder emulator`: the emulated service without an account, a clone or Rust.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { once } from "node:events";
import { connect } from "node:net";
import { it } from "node:test";

import { ADA, createWorld, MOBILE, onGet, onPost } from "../support/emulator.mjs";
import { inEachNode, place, until } from "./program.mjs";

/** Starts it on a free port, and gives `use` its address. */
const emulating = (node, options, use) =>
  place(node, {}, async (where) => {
    const { child, printed, ended } = where.start(["emulator", "--port", "0", ...options], { env: { NYNE_API_KEY: "", NYNE_API_SECRET: "", NYNE_BASE_URL: "" } });
    try {
      const [address] = await until(() => /http:\/\/127\.0\.0\.1:\d+/.exec(printed.stdout) ?? (child.exitCode !== null && [printed.stderr]));
      await use({ ...where, address, printed });
    } finally {
      child.kill("SIGTERM");
      const { signal, stderr } = await ended;
      assert.deepEqual([signal, stderr], ["SIGTERM", ""]);
    }
  });

inEachNode((node) => {
  it(
    "finds a number by the commands that it prints",
    emulating(node, ["--latency", "50"], async ({ run, printed, address }) => {
      const words = printed.stdout.trim().split("\n").slice(-2).join(" ").split(" ");
      const env = Object.fromEntries(words.filter((word) => word.includes("=")).map((word) => word.split("=")));
      assert.equal(env.NYNE_BASE_URL, address);
      assert.deepEqual(words.slice(-3), ["npx", "nyne-phone-finder", ADA.email]);
      const { stdout, code } = await run([ADA.email], { env });
      assert.deepEqual([stdout, code], [`${MOBILE}\n`, 0]);
    }),
  );

  it(
    "has worlds with faults of the connection, and delivers callbacks until they are taken",
    emulating(node, [], async ({ address }) => {
      const received = [];
      const receiver = createServer(async (request, response) => {
        received.push(JSON.parse((await request.toArray()).join("")).data.result.mobile);
        response.writeHead(received.length < 2 ? 500 : 204).end();
      }).listen(0, "127.0.0.1");
      await once(receiver, "listening");
      try {
        const reset = (at) => ({ kind: "reset", at });
        const world = await createWorld(address, { speed: 100, latencyMs: 500, faults: [onPost(reset("start")), onGet(reset("body")), onGet({ kind: "hang", at: "start" }, { from: 2 })] });
        const headers = { "X-API-Key": world.keys.apiKey, "X-API-Secret": world.keys.apiSecret };
        const callback_url = `http://127.0.0.1:${receiver.address().port}/`;
        const submit = () => fetch(`${world.url}/person/phone`, { method: "POST", headers, body: JSON.stringify({ ...ADA, callback_url }) });
        const poll = (id, signal) => fetch(`${world.url}/person/phone?request_id=${id}`, { headers, signal }).then((response) => response.json());
        await assert.rejects(submit(), TypeError);
        const { data } = await (await submit()).json();
        await assert.rejects(poll(data.request_id), TypeError);
        await assert.rejects(poll(data.request_id, AbortSignal.timeout(50)), { name: "TimeoutError" });
        await until(() => received.length === 2);
        assert.deepEqual(received, [MOBILE, MOBILE]);
        assert.equal((await poll(data.request_id)).data.result.mobile, MOBILE);
        const log = await until(async () => {
          const log = await world.log();
          return log.callbacks.length === 2 && log.requests[3].closedEarly && log;
        });
        assert.deepEqual(log.callbacks.map(({ status }) => status), [500, 204]);
        assert.deepEqual(log.requests.map(({ answered }) => answered), [null, 202, 200, null, 200]);
      } finally {
        receiver.closeAllConnections();
        receiver.close();
      }
    }),
  );

  it(
    "answers what is too large, and what is not HTTP, and serves on",
    emulating(node, [], async ({ address }) => {
      const { hostname, port } = new URL(address);
      const statusOf = async (text) => {
        const socket = connect(Number(port), hostname).setEncoding("utf8");
        socket.write(text);
        const [answer] = await once(socket, "data");
        socket.destroy();
        return answer.split(" ", 2)[1];
      };
      const large = await fetch(`${address}/person/phone`, { method: "POST", body: "a".repeat(5 << 20) });
      assert.deepEqual([large.status, await large.text()], [413, "The body is larger than 1 MiB.\n"]);
      for (const url of ['/per{son}|^"<>', `/?${"a".repeat(20_000)}`, "person"]) assert.match(await statusOf(`GET ${url} HTTP/1.1\r\nHost: a\r\n\r\n`), /^4\d\d$/, url);
      assert.equal((await fetch(`${address}/person/phone`)).status, 401);
    }),
  );

  for (const [what, options, status] of [
    ["keeps pages away from the controls", [], 403],
    ["lets pages use the controls if it is told to", ["--cors"], 201],
  ]) {
    it(
      what,
      emulating(node, options, async ({ address }) => {
        const made = await fetch(`${address}/emulator/worlds`, { method: "POST", headers: { Origin: "https://page.example" } });
        assert.equal(made.status, status);
      }),
    );
  }

  for (const [what, options, says] of [
    ["a port that is none", ["--port", "many"], /--port is a number/],
    ["a port that is too large", ["--port", "70000"], /--port is a whole number/],
    ["an unknown option", ["--sped", "2"], /'--sped'.*emulator --help/],
    ["a speed of nothing", ["--port", "0", "--speed", "0"], /speed/],
    ["a value that looks like an option", ["--latency", "-1"], /^[^\n]*'--latency'[^\n]*emulator --help\.\n$/],
    ["half a credit", ["--port", "0", "--credits", "1.5"], /credits/],
  ]) {
    it(
      `refuses ${what}`,
      place(node, {}, async ({ run }) => {
        const { code, stdout, stderr } = await run(["emulator", ...options]);
        assert.match(stderr, says);
        assert.doesNotMatch(stderr, /\n {4}at /);
        assert.deepEqual([code, stdout], [2, ""]);
      }),
    );
  }

  it(
    "says that a port is in use",
    emulating(node, [], async ({ run, address }) => {
      const { code, stderr } = await run(["emulator", "--port", new URL(address).port]);
      assert.match(stderr, /Port \d+ is in use/);
      assert.equal(code, 2);
    }),
  );

  it(
    "prints its help",
    place(node, {}, async ({ run }) => {
      const { code, stdout, stderr } = await run(["emulator", "--help"]);
      assert.deepEqual([code, stderr], [0, ""]);
      for (const option of ["--port", "--speed", "--latency", "--credits", "--failures", "--cors"]) assert(stdout.includes(option), option);
    }),
  );
});
