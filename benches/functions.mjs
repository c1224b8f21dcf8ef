// Which functions of the engine a quote of M spends its instructions in, and loading: node functions.mjs MODULE, made by `cargo xtask functions`.
// `EDIT=totals` or `EDIT=changes` counts an edit of one line in a session instead.
// `EXTRA=-programs` or `EXTRA=-idle` adds what `cargo xtask ceilings` adds.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { namedCarts, workload } from "./workload.mjs";
import { bundle, question } from "./peers/qudao.mjs";

const module = new WebAssembly.Module(readFileSync(process.argv[2]));
// The package asks for its version.
const { customSections } = WebAssembly.Module;
const { loadWith, version } = await import(pathToFileURL(join(process.env.QUDAO_APP, "common.js")));
WebAssembly.Module.customSections = (module, name) => (name === "qudao.version" ? [new TextEncoder().encode(version())] : customSections(module, name));
let exports;
const instantiate = WebAssembly.instantiate;
WebAssembly.instantiate = async (...given) => {
  const instance = await instantiate(...given);
  exports = instance.exports;
  return instance;
};
const counters = () => Object.entries(exports).filter(([name]) => name.startsWith("in ")).map(([name, counter]) => [name, Number(counter.value)]);

const w = workload("M");
const input = question(w, namedCarts(w)[0]);
const engine = await loadWith(() => module, bundle(w, process.env.EXTRA ?? ""));
const load = counters();
const session = engine.session({ dealer: input.dealer, now: input.now });
for (const { sku, quantity } of input.order.lines) session.set(sku, quantity);
const edit = process.env.EDIT;
const [{ sku, quantity }] = input.order.lines;
const ask = (more) => (edit ? (session.set(sku, quantity + more), session[edit]()) : engine.quote(input));
ask(1);
const before = new Map(counters());
ask(2);
const rows = counters().map(([name, value], at) => ({ name, executed: value - before.get(name), load: load[at][1] }));
const total = (key) => rows.reduce((sum, row) => sum + row[key], 0);
console.log(`${total("executed").toLocaleString("en")} instructions of ${edit ?? "a quote"}, ${total("load").toLocaleString("en")} of loading`);
const order = process.env.BY ?? "executed";
rows.sort((a, b) => b[order] - a[order]);
for (const { name, executed, load } of rows.slice(0, Number(process.env.ROWS ?? 60))) {
  const plain = name.replace(/^in \d+ /, "").replace(/17h[0-9a-f]{16}E?$/, "");
  console.log(`${executed.toLocaleString("en").padStart(10)} ${load.toLocaleString("en").padStart(12)}  ${plain.slice(0, 140)}`);
}
