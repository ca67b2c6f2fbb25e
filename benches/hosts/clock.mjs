// A clock that runs faster: import this before what is to wait in scaled time. Node's own HTTP keeps the real one.

import { Agent, request } from "node:http";

const real = { setTimeout: globalThis.setTimeout, setInterval: globalThis.setInterval, now: performance.now.bind(performance), date: Date.now };

/** Real time. */
export const realTimeout = real.setTimeout;

/** Makes all that asks for the time, or waits, live `speed` times as fast. Returns a `fetch` for it. */
export function speedUp(speed) {
  const [began, date] = [real.now(), real.date()];
  performance.now = () => began + (real.now() - began) * speed;
  Date.now = () => date + Math.round((real.now() - began) * speed);
  // Node cuts off parts of a ms and may fire one early. The package takes a timer that fired as proof of the time.
  const divided = (ms) => Math.ceil((ms ?? 0) / speed) + 1;
  globalThis.setTimeout = (handler, ms, ...rest) => real.setTimeout(handler, divided(ms), ...rest);
  globalThis.setInterval = (handler, ms, ...rest) => real.setInterval(handler, divided(ms), ...rest);

  const agent = new Agent({ keepAlive: true });
  /** As Node's own, whose limits and idle connections would run by the fast clock. */
  return (url, { method = "GET", headers, body, signal } = {}) =>
    new Promise((resolve, reject) => {
      const sent = request(url, { method, headers, signal, agent }, (reply) => {
        const parts = [];
        reply.on("data", (part) => parts.push(part));
        reply.on("error", reject);
        reply.on("end", () => {
          const all = { "Content-Type": reply.headers["content-type"] };
          // The emulator divides its durations; what it asks to wait is in real seconds.
          if (reply.headers["retry-after"]) all["Retry-After"] = String(reply.headers["retry-after"] * speed);
          resolve(new Response(Buffer.concat(parts), { status: reply.statusCode, headers: all }));
        });
      });
      sent.on("error", reject);
      sent.end(body);
    });
}
