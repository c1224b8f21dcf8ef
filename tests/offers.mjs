// The staged demo with coupons, gifts, a limit and a budget added to the sample policy, so that the sample may change.
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { command, demo, packageFile, qudao, root } from "./places.mjs";

const sample = join(root, "examples/haofeng");
/** Two products of the sample, to be given. */
const [first, second] = readFileSync(join(sample, "products.csv"), "utf8").split("\n").slice(1).map((row) => row.split(",")[0]);

export const gifts = [first, second].sort();

/** The dealer of the sample that the coupon `MOST` is not for. */
export const outsider = JSON.parse(readFileSync(join(sample, "dealers", readdirSync(join(sample, "dealers")).sort().at(-1)), "utf8")).id;

const OFFERS = `
budgets: [{ id: launch, name: { zh: 新品预算, en: Launch budget }, amount: 1000 }]
promotions:
  - { id: launch, name: { zh: 新品券, en: Launch coupon }, coupon: LAUNCH-2026, stage: coupon, get: { amount_off: 300 }, budget: launch }
  - { id: welcome, name: { zh: 见面礼, en: Welcome }, coupon: WELCOME, stage: coupon, get: { amount_off: 1 }, limit: { dealer: 2 } }
  - { id: most, coupon: MOST, when: { dealer: { except: { id: ${outsider} } } }, stage: coupon, get: { amount_off: 1 }, limit: { total: 9 } }
  - { id: others, coupon: OTHERS, when: { dealer: { id: NOBODY } }, stage: coupon, get: { amount_off: 1 } }
  - { id: far, name: { zh: 大单券, en: Large order }, coupon: FAR, stage: coupon, at: { amount: 90000000 }, get: { amount_off: 1 } }
  - { id: gift, name: { zh: 随单赠品, en: Order gift }, stage: coupon, get: { gift: { choose: 1, from: [{ sku: "${gifts[0]}" }, { sku: "${gifts[1]}" }] } } }
`;

/** A special price of 5,000.00 for ten of any product, for one end customer; it comes before all other prices. */
export const special = { registration: "BB-2026-01", customer: "HOSPITAL", limit: 10 };
const SPECIAL = `prices: [{ id: hospital, by: [sku], registered: special, period: month, table: special.csv }]\n`;

/** An adjustment that the brand approved for each dealer, for the line that an order calls so. */
export const approved = { id: "TJ-2026-01", line: "approved", amount: "1.00", approver: "B", reason: "sample" };

/** A folder that the Workers runtime serves like the demo; `more` is another file of the policy. */
export async function stageOffers(more = "") {
  const folder = mkdtempSync(join(tmpdir(), "qudao-offers-"));
  const policy = join(folder, "policy");
  cpSync(demo, folder, { recursive: true, filter: (from) => basename(from) !== "state" });
  // Without the tests of the sample, whose figures are those of its own promotions.
  cpSync(sample, policy, { recursive: true, filter: (from) => basename(from) !== "tests" });
  writeFileSync(join(policy, "offers.yaml"), OFFERS);
  if (more) writeFileSync(join(policy, "more.yaml"), more);
  // In order of its name the first of the policy's files.
  writeFileSync(join(policy, "a-special.yaml"), SPECIAL);
  const skus = readFileSync(join(sample, "products.csv"), "utf8").trim().split("\n").slice(1).map((row) => row.split(",")[0]);
  const rows = skus.map((sku) => `${special.registration},${sku},5000,${special.customer},${special.limit},,B`);
  writeFileSync(join(policy, "special.csv"), ["registration,sku,price,customer,limit,period_limit,approver", ...rows, ""].join("\n"));
  const dealers = JSON.parse(readFileSync(join(folder, "dealers.json"), "utf8"));
  writeFileSync(join(folder, "dealers.json"), JSON.stringify(dealers.map((facts) => ({ ...facts, adjustments: [approved] }))));
  execFileSync(command, ["build", policy, "--engine", packageFile("engine.wasm"), "--wasm", join(folder, "policy.wasm")], { stdio: "pipe" });
  const engine = await qudao.load(readFileSync(join(folder, "policy.wasm")));
  return { folder, engine, roomy: (known) => roomy(engine, known), remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Lines of one product that the coupon of 300.00 fits on without a guard, above any floor. */
function roomy(engine, { facts, now }) {
  const fits = (lines) => {
    const quote = engine.quote({ order: { schema: 1, source: "portal", lines, coupons: ["LAUNCH-2026"] }, dealer: facts, now });
    return !quote.guards.length && quote.rules.some(({ rule, saving }) => rule === "launch" && saving === "300.00");
  };
  const { items } = engine.catalog({ dealer: facts, now, limit: 200 });
  for (const { sku, multiple } of items) {
    const step = Number(multiple) || 1;
    for (let quantity = step; quantity <= 12 * step; quantity += step) if (fits([{ sku, quantity }])) return [{ sku, quantity }];
  }
  throw new Error("no product of the sample has room for a coupon");
}
