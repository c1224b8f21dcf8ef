// The packed npm package as shipped, installed in QUDAO_APP; the bundle that `qudao build` made is in QUDAO_BUNDLES.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

// X differs from M in its carts only.
const policy = (size) => (size === "X" ? "M" : size);
export const bundle = (w, extra = "") => readFileSync(join(process.env.QUDAO_BUNDLES, `${policy(w.size)}${w.plus ? "+" : ""}${extra}.qudao`));
export const open = (...given) => createRequire(join(process.env.QUDAO_APP, "package.json"))("qudao").load(...given);

/** A cart of the workload as `engine.quote` takes it. */
export const question = (w, cart) => {
  const now = cart.day * 86_400_000 + 43_200_000;
  const credit = w.plus ? { credit: { limit: (w.creditLimit / 100).toFixed(2) } } : {};
  return { order: { schema: 1, lines: cart.lines }, dealer: { schema: 1, id: "D1", as_of: now, grade: cart.tier, region: cart.region, channel: cart.channel, ...credit }, now };
};

export async function load(w) {
  const engine = await open(bundle(w));
  return (cart) => engine.quote((cart.question ??= question(w, cart)));
}

const number = (text) => Math.round(Number(text) * 100);
export const cents = ({ lines, guards }) => ({
  lines: lines.map((line) => ({ unit: number(line.price.unit_price), list: number(line.list), discount: number(line.list) - number(line.net), net: number(line.net) })),
  guards: guards.map(({ code, line, over }) => ({ code, line: line && lines.findIndex(({ id }) => id === line), over: over && number(over) })),
});
