// The same orders everywhere: runs in Node, in browsers and in the Workers runtime.

export function bytesOf(hex) {
  return Uint8Array.from({ length: hex.length / 2 }, (_, index) => parseInt(hex.slice(2 * index, 2 * index + 2), 16));
}

/** Loads every bundle and quotes every case; gives the ids of those whose bytes are not the native ones. */
export async function differing({ load }, { bundles, cases }) {
  const found = [];
  for (const [index, bundle] of bundles.entries()) {
    const engine = await load(bytesOf(bundle));
    found.push(...differingFrom(engine, cases.filter((one) => one.bundle === index)));
    engine.free();
  }
  return found;
}

/** The same with one engine. */
export function differingFrom(engine, cases) {
  const native = new TextEncoder();
  // The object is built from columns; it must be the canonical text key by key, hashes included.
  return cases.filter(({ input, quote }) => !equal(engine.quoteBytes(input), native.encode(quote)) || JSON.stringify(engine.quote(input)) !== quote).map(({ id }) => id);
}

function equal(left, right) {
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}
