/** Looks up in the world that the URL's hash describes, and reports to the address there, which may be of another origin. */
export async function report(lookUp) {
  const { world, address } = JSON.parse(decodeURIComponent(location.hash.slice(1)));
  const outcome = await lookUp(world).catch(String);
  await fetch(address, { method: "POST", mode: "no-cors", body: JSON.stringify(outcome) });
}
