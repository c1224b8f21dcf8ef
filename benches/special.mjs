// What only Qudao is measured on, in a fresh process: node --expose-gc special.mjs WHAT SIZE; one line of JSON on stdout.
import { namedCarts, workload } from "./workload.mjs";
import { bundle, open, question } from "./peers/qudao.mjs";

const [what, size] = process.argv.slice(2);
const w = workload(size.replace("+", ""), { plus: size.endsWith("+") });
const carts = namedCarts(w);

/** Median of many runs, in microseconds. */
function median(run, seconds = 1.5) {
  for (const end = performance.now() + seconds * 400; performance.now() < end; ) run();
  const times = [];
  for (const end = performance.now() + seconds * 1000; performance.now() < end && times.length < 20_000; ) {
    const start = performance.now();
    run();
    times.push((performance.now() - start) * 1000);
  }
  return times.sort((a, b) => a - b)[times.length >> 1];
}

/** A cart that is full, of which one line's quantity changes. */
async function edit() {
  const engine = await open(bundle(w));
  const { order, dealer, now } = question(w, carts[0]);
  const session = engine.session({ dealer, now });
  for (const { sku, quantity } of order.lines) session.set(sku, quantity);
  session.quote();
  let turn = 0;
  const change = () => {
    const { sku, quantity } = order.lines[turn++ % order.lines.length];
    session.set(sku, quantity + (turn % 7) + 1);
  };
  const edited = (ask) =>
    median(() => {
      change();
      ask();
    });
  return { totals_us: session.totals ? edited(() => session.totals()) : null, changes_us: edited(() => session.changes()), whole_us: median(() => engine.quote({ order, dealer, now })) };
}

/** Reading and checking a bundle, beside one copy of its bytes. */
async function load() {
  const bytes = bundle(w);
  const copy = median(() => Uint8Array.prototype.slice.call(bytes), 0.5);
  const times = [];
  for (let run = 0; run < (size === "L" ? 2 : 7); run++) {
    const start = performance.now();
    const engine = await open(bytes);
    times.push(performance.now() - start);
    engine.free();
  }
  return { bytes: bytes.length, copy_ms: copy / 1000, load_ms: times.sort((a, b) => a - b)[times.length >> 1] };
}

/** From bytes in memory to the first answer; importing the package is counted apart. */
async function cold() {
  const bytes = bundle(w);
  const input = question(w, carts[0]);
  const start = performance.now();
  const engine = await open(bytes);
  const loaded = performance.now();
  engine.quote(input);
  return { load_ms: loaded - start, first_ms: performance.now() - loaded };
}

async function memory() {
  const bytes = bundle(w);
  const memories = [];
  const instantiate = WebAssembly.instantiate;
  WebAssembly.instantiate = async (...given) => {
    const made = await instantiate(...given);
    memories.push((made.instance ?? made).exports.memory);
    return made;
  };
  const engine = await open(bytes);
  engine.quote(question(w, carts[0]));
  return { bundle_mb: bytes.length / 1e6, wasm_mb: memories.at(-1).buffer.byteLength / 1e6 };
}

/** The same order with and without thirty rebate programs. */
async function rebates() {
  const [without, programs] = [await open(bundle(w)), await open(bundle(w, "-programs"))];
  const input = question(w, carts[0]);
  return { without_us: median(() => without.quote(input)), with_us: median(() => programs.quote(input)), programs: programs.quote(input).rebates.length };
}

console.log(JSON.stringify({ what, size, ...(await { edit, load, cold, memory, rebates }[what]()) }));
process.exit(0);
