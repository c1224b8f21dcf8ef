// Finds promotions with compiled JsonLogic (which needs `new Function`, so not under a strict CSP and not in Workers).
import { LogicEngine } from "json-logic-engine";
import { named } from "../workload.mjs";
import { conditions, pricerNow } from "./host.mjs";

export function load(w) {
  const engine = new LogicEngine();
  const tests = named(w).map((promotion) => engine.build({ and: conditions(promotion).map(([fact, operator, value]) => ({ [operator]: [{ var: fact }, value] })) }));
  return pricerNow(w, (facts) => {
    const found = [];
    for (let promotion = 0; promotion < tests.length; promotion++) if (tests[promotion](facts)) found.push(promotion);
    return found;
  });
}
