// Finds promotions with Cedar: each is a policy that permits, and the decision names those that did.
import { createRequire } from "node:module";
import { named } from "../workload.mjs";
import { conditions, pricerNow } from "./host.mjs";

const cedar = createRequire(import.meta.url)("@cedar-policy/cedar-wasm/nodejs");

function policy(promotion) {
  const test = ([fact, operator, value]) =>
    operator === "in" ? `[${value.map((one) => JSON.stringify(one)).join(", ")}].contains(context.${fact})` : `context.${fact} ${operator} ${value}`;
  return `permit(principal, action == Action::"apply", resource) when { ${conditions(promotion).map(test).join(" && ")} };`;
}

export function load(w) {
  const parsed = cedar.preparsePolicySet("promotions", { staticPolicies: Object.fromEntries(named(w).map((promotion) => [promotion.index, policy(promotion)])) });
  if (parsed.type !== "success") throw new Error(JSON.stringify(parsed).slice(0, 300));
  const [principal, action] = [{ type: "Dealer", id: "d1" }, { type: "Action", id: "apply" }];
  return pricerNow(w, (facts) => {
    const answer = cedar.statefulIsAuthorized({ principal, action, resource: { type: "Sku", id: facts.sku }, preparsedPolicySetId: "promotions", entities: [], context: facts });
    if (answer.type !== "success") throw new Error(JSON.stringify(answer).slice(0, 300));
    return answer.response.diagnostics.reason.map(Number).sort((a, b) => a - b);
  });
}
