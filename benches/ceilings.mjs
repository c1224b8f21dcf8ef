// Measures what does not drift, against ceilings.json: node ceilings.mjs COUNTING_MODULE. A ceiling that is far above what is measured says so.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { brotliCompressSync } from "node:zlib";
import { namedCarts, workload } from "./workload.mjs";
import { bundle, question } from "./peers/qudao.mjs";

const pkg = process.env.QUDAO_APP;
const ceilings = JSON.parse(readFileSync(new URL("./ceilings.json", import.meta.url), "utf8"));
const wasm = readFileSync(join(pkg, "engine.wasm"));
const measured = { "bytes, raw": wasm.length, "bytes, brotli": brotliCompressSync(wasm).length };

const { loadWith } = await import(pathToFileURL(join(pkg, "common.js")));
const counting = new WebAssembly.Module(readFileSync(process.argv[2]));
let counter;
const instantiate = WebAssembly.instantiate;
WebAssembly.instantiate = async (...given) => {
  const instance = await instantiate(...given);
  counter = instance.exports.instructions;
  return instance;
};

/** Instructions of `run`, and nothing else. */
function instructions(run) {
  const before = counter.value;
  run();
  return Number(counter.value - before);
}

for (const [size, name] of [["M", "100 lines × 500 promotions"], ["X", "200 lines × 500 promotions"]]) {
  const w = workload(size);
  const inputs = namedCarts(w).map((cart) => question(w, cart));
  const engine = await loadWith(() => counting, bundle(w));
  // A dealer's first quote, a dealer's next one, each the most expensive of its kind; input and output are part of both.
  const first = inputs.map((input) => instructions(() => engine.quote(input)));
  const next = inputs.map((input) => (engine.quote(input), instructions(() => engine.quote(input))));
  const text = inputs.map((input) => instructions(() => engine.quoteBytes(input)));
  // One line more often or less often ordered in a session, each line in turn, to new totals and to everything that changed.
  const edits = (ask) => inputs.flatMap(({ order, dealer, now }) => {
    const session = engine.session({ dealer, now });
    for (const { sku, quantity } of order.lines) session.set(sku, quantity);
    ask(session);
    return order.lines.map(({ sku, quantity }) => instructions(() => (session.set(sku, quantity + 1), ask(session))));
  });
  const mean = (counts) => Math.round(counts.reduce((sum, count) => sum + count, 0) / counts.length);
  measured[`instructions, ${name}, one line edited in a session, to totals, on average`] = mean(edits((session) => session.totals()));
  measured[`instructions, ${name}, one line edited in a session, to changes, on average`] = mean(edits((session) => session.changes()));
  measured[`instructions, ${name}`] = Math.max(...first);
  measured[`instructions, ${name}, same dealer again`] = Math.max(...next);
  measured[`instructions, ${name}, as canonical bytes`] = Math.max(...text);
}

// What is beside a cart of 200 lines, against pricing the same cart without it: thirty rebate programs, and 4,500 promotions that cannot match.
{
  const w = workload("X");
  const inputs = namedCarts(w).map((cart) => question(w, cart));
  // The counter is that of the engine that was loaded last.
  const counted = async (bytes) => {
    const engine = await loadWith(() => counting, bytes);
    return inputs.map((input) => (engine.quote(input), instructions(() => engine.quote(input))));
  };
  const alone = await counted(bundle(w));
  const more = async (extra) => Math.ceil(Math.max(...(await counted(bundle(w, extra))).map((both, at) => (100 * (both - alone[at])) / alone[at])));
  measured["30 programs on 200 lines, in hundredths of the pricing"] = await more("-programs");
  measured["4,500 promotions that cannot match, in hundredths of the pricing"] = await more("-idle");
}

let failed = false;
for (const [what, value] of Object.entries(measured)) {
  const ceiling = ceilings[what];
  const over = ceiling === undefined || value > ceiling;
  failed ||= over;
  console.log(`  ${over ? "OVER " : ""}${what}: ${value.toLocaleString("en")}, ceiling ${ceiling?.toLocaleString("en")}`);
}
process.exit(failed ? 1 : 0);
