// One peer in a fresh process: node --expose-gc measure.mjs PEER SIZE SECONDS [plus]; one line of JSON on stdout.
import { digest, namedCarts, workload } from "./workload.mjs";
import { load as oracle } from "./peers/js-int-indexed.mjs";

const [peer, size, seconds, plus] = process.argv.slice(2);
const w = workload(size, { plus: plus === "plus" });
const carts = namedCarts(w);
// Where a whole cart would take minutes; such rows are scaled, everything about them is linear in lines.
const most = Number(process.env.LINES ?? Infinity);
for (const cart of carts) cart.lines = cart.lines.slice(0, most);

globalThis.gc();
const memory = process.memoryUsage().rss;
const ticks = [performance.now()];
const module = await import(`./peers/${peer}.mjs`);
ticks.push(performance.now());
const price = await module.load(w);
ticks.push(performance.now());
const first = await price(carts[0]);
ticks.push(performance.now());
globalThis.gc();
const grown = process.memoryUsage().rss - memory;

const budget = Number(seconds) * 1000;
const isAsync = first instanceof Promise || price.constructor.name === "AsyncFunction";
let turn = 0;
for (const end = performance.now() + budget * 0.4; performance.now() < end && turn < 5000; ) {
  const answer = price(carts[turn++ % carts.length]);
  if (isAsync) await answer;
}
const times = [];
for (const end = performance.now() + budget; performance.now() < end && times.length < 20_000; ) {
  const cart = carts[turn++ % carts.length];
  const start = performance.now();
  const answer = price(cart);
  if (isAsync) await answer;
  times.push((performance.now() - start) * 1000);
}
times.sort((a, b) => a - b);

const truth = oracle(w);
const cents = module.cents ?? ((answer) => answer);
let [right, wrong] = [0, 0];
for (const cart of carts.slice(0, times.at(-1) > 1e6 ? 1 : carts.length)) {
  const [mine, theirs] = [truth(cart), cents(await price(cart))];
  if (digest(mine) === digest(theirs)) right++;
  else {
    wrong++;
    if (process.env.DEBUG) console.error(JSON.stringify(mine).slice(0, 3000), "\n", JSON.stringify(theirs).slice(0, 3000));
  }
}
const [import_ms, load_ms, first_ms] = ticks.slice(1).map((tick, at) => tick - ticks[at]);
const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))];
console.log(JSON.stringify({ peer, size, lines: carts[0].lines.length, import_ms, load_ms, first_ms, median_us: at(0.5), p99_us: at(0.99), runs: times.length, memory_mb: grown / 1e6, right, wrong }));
process.exit(0);
