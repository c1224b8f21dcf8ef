// Finds promotions with one decision table over all lines at once (native module, hit policy `collect`): its fewest crossings of a boundary.
import zen from "@gorules/zen-engine";
import { CELLS, finish, named } from "../workload.mjs";
import { catalogue, priceCell } from "./host.mjs";

const FACTS = ["tier", "region", "channel", "day", "sku", "category", "brand"];
const any = (values) => (values?.length > 0 ? values.map((value) => `"${value}"`).join(", ") : "");

function table(w) {
  const rules = named(w).map((p) => ({
    _id: `r${p.index}`,
    tier: any(p.tiers),
    region: any(p.regions),
    channel: any(p.channels),
    day: `[${p.from}..${p.to}]`,
    sku: any(p.skus),
    category: any(p.categories),
    brand: any(p.brands),
    index: String(p.index),
  }));
  const content = {
    hitPolicy: "collect",
    rules,
    inputs: FACTS.map((fact) => ({ id: fact, name: fact, field: fact })),
    outputs: [{ id: "index", name: "index", field: "index" }],
    executionMode: "loop",
    inputField: "lines",
    outputPath: "lines",
    passThrough: false,
  };
  return {
    contentType: "application/vnd.gorules.decision",
    nodes: [
      { id: "in", name: "in", type: "inputNode", content: {} },
      { id: "table", name: "table", type: "decisionTableNode", content },
      { id: "out", name: "out", type: "outputNode", content: {} },
    ],
    edges: [
      { id: "e1", sourceId: "in", targetId: "table", type: "edge" },
      { id: "e2", sourceId: "table", targetId: "out", type: "edge" },
    ],
  };
}

export function load(w) {
  const decision = new zen.ZenEngine().createDecision(new zen.ZenDecisionContent(Buffer.from(JSON.stringify(table(w)))));
  const products = catalogue(w);
  return async (cart) => {
    const cell = priceCell(cart);
    const found = cart.lines.map(({ sku }) => products.get(sku));
    const lines = cart.lines.map(({ sku }, line) => ({ sku, category: found[line].category, brand: found[line].brand, tier: cart.tier, region: cart.region, channel: cart.channel, day: cart.day }));
    const { result } = await decision.evaluate({ lines });
    const matching = result.lines.map((rows) => rows.map(({ index }) => index).sort((a, b) => a - b));
    const indices = found.map(({ index }) => index);
    return { lines: finish(w, indices.map((index) => w.prices[index * CELLS + cell]), cart.lines.map(({ quantity }) => quantity), matching, indices) };
  };
}
