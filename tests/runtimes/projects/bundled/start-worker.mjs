// Not bundled: it starts the bundled worker.

import { report } from "./report.mjs";

report(
  (world) =>
    new Promise((resolve, reject) => {
      const worker = new Worker("worker.mjs", { type: "module" });
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = ({ message }) => reject(message);
      worker.postMessage(world);
    }),
);
