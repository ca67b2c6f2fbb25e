// Finds one number and prints how the job comes along. `cargo xtask demo` runs this with the installed package.

import { findPhone } from "nyne-phone-finder";

const query = JSON.parse(process.argv[2]);
const isEmulated = process.argv[3] === "emulated";
const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;

console.log(`findPhone(${JSON.stringify(query)})`);
try {
  const { mobile, completedOn } = await findPhone(query, {
    apiKey: process.env.NYNE_API_KEY,
    apiSecret: process.env.NYNE_API_SECRET,
    ...(process.env.NYNE_BASE_URL && { baseUrl: process.env.NYNE_BASE_URL }),
    // The emulator's jobs take seconds, so look at them as often.
    ...(isEmulated && { poll: { firstDelay: 1_000, maxDelay: 4_000 } }),
    onStatus({ requestId, status, polls, elapsed, nextPollIn }) {
      const next = nextPollIn == null ? "" : `, next poll in ${seconds(nextPollIn)}`;
      console.log(`${seconds(elapsed).padStart(8)}  ${status} (request ${requestId}, polls: ${polls}${next})`);
    },
  });
  console.log(mobile === null ? "Nyne has no number for this person; no credit was spent." : `Mobile: ${mobile} (${completedOn})`);
} catch (error) {
  console.error(`${error.code ?? error.name}: ${error.message}`);
  process.exitCode = 1;
}
