// What every project of the matrix does with the package, in whatever host: finds a number, meets a failure, aborts a wait.
// The emulator's world is made so that the second job fails, and so that a call whose polls a cache answers runs out of polls.

const QUERY = { email: "ada@example.com" };

/**
 * Never rejects: what goes wrong is in the outcome, which is plain JSON.
 *
 * @param api the package as the host has imported it, or its `findPhone` and `isNyneError` alone
 * @param world { baseUrl, apiKey, apiSecret }
 */
export async function lookUp({ findPhone, isNyneError }, world) {
  const errorOf = async (promise) => {
    try {
      return `no error, but ${JSON.stringify(await promise)}`;
    } catch (error) {
      const { name, code, submitted, requestId } = error;
      return { isNyneError: isNyneError(error), name, code, submitted, hasRequestId: typeof requestId === "string" };
    }
  };
  try {
    const options = { ...world, poll: { firstDelay: 5, maxDelay: 20, maxPolls: 20 } };
    const { mobile } = await findPhone(QUERY, options);
    const failure = await errorOf(findPhone(QUERY, options));

    const controller = new AbortController();
    const long = { ...world, timeout: Infinity, poll: { firstDelay: 3_600_000, maxDelay: 3_600_000 } };
    const onStatus = ({ requestId }) => requestId && controller.abort();
    const abort = await errorOf(findPhone(QUERY, { ...long, signal: controller.signal, onStatus }));
    return { mobile, failure, abort };
  } catch (error) {
    return { thrown: isNyneError(error) ? error.toJSON() : String(error?.stack ?? error) };
  }
}
