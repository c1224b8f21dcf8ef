// Every peer in a fresh process, round-robin: node bench.mjs SIZES PEERS ROUNDS; a table in Markdown on stdout.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { SIZES } from "./workload.mjs";

const [sizes, peers, rounds] = [process.argv[2].split(","), process.argv[3].split(","), Number(process.argv[4])];
const SECONDS = { S: 1, M: 1.5, L: 2 };
// Peers that test every promotion for every line, where a whole cart would take minutes: so many lines, scaled.
const LINES = { M: { "json-rules-engine": 20, cedar: 20 }, L: { decimal: 50, "json-logic-engine": 25, "json-rules-engine": 2, zen: 25, cedar: 5 } };

function node(script, words, env = {}) {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const { stdout, stderr } = spawnSync(process.execPath, ["--expose-gc", "--no-warnings", path, ...words], { encoding: "utf8", timeout: 300_000, env: { ...process.env, ...env } });
  const line = stdout?.trim().split("\n").at(-1);
  if (!line?.startsWith("{")) throw new Error(`${script} ${words.join(" ")}: ${stderr?.slice(-600)}`);
  return JSON.parse(line);
}
const middle = (values) => values.filter((value) => value != null).sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)];
const times = (ratio) => (ratio < 10 ? ratio.toFixed(2) : Math.round(ratio).toLocaleString("en"));
const micros = (us) => (us < 100 ? us.toFixed(1) : Math.round(us).toLocaleString("en"));

const runs = [];
for (let round = 0; round < rounds; round++)
  for (const size of sizes)
    for (const plus of size === "L" ? [""] : ["", "plus"])
      for (const peer of peers) {
        // The twin of M+ does all that M+ does; the other peers cannot.
        if (plus && !["js-int-indexed", "qudao"].includes(peer)) continue;
        process.stderr.write(`  round ${round + 1}: ${size}${plus && "+"} ${peer}\n`);
        const lines = LINES[size]?.[peer] ?? SIZES[size].lines;
        const run = node("measure.mjs", [peer, size, String(SECONDS[size]), plus], { LINES: String(lines) });
        runs.push({ ...run, round, row: size + (plus && "+"), scale: SIZES[size].lines / lines });
      }

const rows = [...new Set(runs.map(({ row }) => row))];
console.log("| size | peer | median µs | p99 µs | × best JS | rules loaded, ms | first cart, ms | memory, MB | equal to the oracle |\n|---|---|---|---|---|---|---|---|---|");
for (const row of rows)
  for (const peer of peers) {
    const own = runs.filter((run) => run.row === row && run.peer === peer);
    if (own.length === 0) continue;
    const base = (round) => runs.find((run) => run.row === row && run.round === round && run.peer === "js-int-indexed");
    const scaled = (key) => middle(own.map((run) => run[key] * run.scale));
    const ratio = middle(own.map((run) => (run.median_us * run.scale) / base(run.round).median_us));
    const wrong = own.reduce((sum, run) => sum + run.wrong, 0);
    const mark = own[0].scale > 1 ? "~" : "";
    const figures = wrong > 0 ? ["void", "void", "void"] : [mark + micros(scaled("median_us")), mark + micros(scaled("p99_us")), mark + times(ratio)];
    const right = `${own.reduce((sum, run) => sum + run.right, 0)} of ${own.reduce((sum, run) => sum + run.right + run.wrong, 0)} carts`;
    console.log(`| ${[row, peer, ...figures, middle(own.map((run) => run.load_ms)).toFixed(1), mark + scaled("first_ms").toFixed(1), middle(own.map((run) => run.memory_mb)).toFixed(1), right].join(" | ")} |`);
  }

const special = (what, size) => Array.from({ length: rounds }, () => node("special.mjs", [what, size]));
const of = (all, key) => middle(all.map((one) => one[key]));
console.log("\n| what | measured |\n|---|---|");
for (const size of ["M", "M+"]) {
  if (!rows.includes(size)) continue;
  const all = special("edit", size);
  const share = (key) => (of(all, key) == null ? "–" : `${micros(of(all, key))} µs, ${(of(all, key) / of(all, "whole_us")).toFixed(3)} × the whole order`);
  console.log(`| one line edited in a session, ${size}: to new totals | ${share("totals_us")} |\n| the same, with every line that changed | ${share("changes_us")} |`);
}
for (const size of sizes.filter((size) => size !== "S")) {
  const all = special("load", size);
  console.log(`| bundle loaded, ${size}, ${(of(all, "bytes") / 1e6).toFixed(1)} MB | ${of(all, "load_ms").toFixed(1)} ms, ${times(of(all, "load_ms") / of(all, "copy_ms"))} × a copy of its bytes |`);
  const cold = special("cold", size);
  console.log(`| cold start in Node, ${size}: bundle in memory to first price | ${of(cold, "load_ms").toFixed(1)} + ${of(cold, "first_ms").toFixed(1)} ms |`);
  console.log(`| memory of the instance, ${size}, whole bundle with all ${20} price cells | ${of(special("memory", size), "wasm_mb").toFixed(1)} MB |`);
}
if (rows.includes("M")) {
  const all = special("rebates", "M");
  console.log(`| 30 rebate programs on M | ${micros(of(all, "with_us") - of(all, "without_us"))} µs on top of ${micros(of(all, "without_us"))} µs |`);
}
const wasm = readFileSync(join(process.env.QUDAO_APP, "node_modules/qudao/engine.wasm"));
console.log(`| engine.wasm | ${[wasm.length, gzipSync(wasm, { level: 9 }).length, brotliCompressSync(wasm).length].map((bytes) => bytes.toLocaleString("en")).join(" / ")} bytes raw / gzip / brotli |`);
console.log(`\nNode ${process.version}, ${availableParallelism()} × ${cpus()[0].model.trim()}, load average ${loadavg()[0].toFixed(1)} at the end, ${rounds} round${rounds > 1 ? "s" : ""}.`);
