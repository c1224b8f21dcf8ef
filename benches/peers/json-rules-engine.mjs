// Finds promotions: one rule each.
import { Engine } from "json-rules-engine";
import { named } from "../workload.mjs";
import { conditions, pricer } from "./host.mjs";

const OPERATORS = { in: "in", ">=": "greaterThanInclusive", "<=": "lessThanInclusive" };

export function load(w) {
  const engine = new Engine();
  for (const promotion of named(w)) {
    const all = conditions(promotion).map(([fact, operator, value]) => ({ fact, operator: OPERATORS[operator], value }));
    engine.addRule({ conditions: { all }, event: { type: "open", params: { index: promotion.index } } });
  }
  return pricer(w, async (facts) => {
    const { events } = await engine.run(facts);
    return events.map(({ params }) => params.index).sort((a, b) => a - b);
  });
}
