// Rounds in which the contenders take turns, so that what else the machine does meets all of them alike.

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * Measures every contender once a round, each round in another order. Returns each one's values, by round.
 * @param {string[]} contenders @param {number} count @param {(contender: string) => Promise<number>} measure
 */
export async function rounds(contenders, count, measure) {
  const values = Object.fromEntries(contenders.map((contender) => [contender, []]));
  for (let round = 0; round < count; round++) {
    const first = round % contenders.length;
    for (const contender of [...contenders.slice(first), ...contenders.slice(0, first)]) {
      values[contender].push(await measure(contender));
    }
  }
  return values;
}

/** The median of what `values` are of `others` in the same round. */
export const ratio = (values, others) => median(values.map((value, round) => value / others[round]));
/** The median of what `values` are more than `others` in the same round. */
export const difference = (values, others) => median(values.map((value, round) => value - others[round]));
