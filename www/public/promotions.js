// Promotions reached, nearly reached and not taken, with their reasons.
import { percentOf } from "./digits.js";
import { h } from "./dom.js";
import { money, nameOf, quantity, t } from "./i18n.js";
import { shop } from "./shop.js";

const ORDER = { applied: 0, failed: 1, lost_to: 2, blocked: 3 };

export function promotionList() {
  const { rules, combination } = shop.quote;
  if (!rules.length) return [];
  const rows = rules.map((rule, index) => ({ rule, index })).sort((a, b) => ORDER[a.rule.outcome] - ORDER[b.rule.outcome]);
  const proof = combination.proof === "optimal" ? t("proven") : t("bound", { amount: money(combination.bound) });
  return [h("h2", {}, t("promotions")), h("ul", { class: "rules" }, rows.map(row)), h("p", { class: "note" }, proof)];
}

function row({ rule, index }) {
  const name = nameOf(shop.engine.policy.promotions[rule.rule], rule.rule);
  const reason = shop.say(`rules[${index}]`);
  switch (rule.outcome) {
    case "applied": return h("li", { class: "reached" },
      h("h3", {}, name, rule.times > 1 && h("small", {}, ` × ${rule.times}`)), h("p", { class: "sum" }, shop.quote.gifts.some(({ promotion }) => promotion === rule.rule) ? t("gifts") : `−${money(rule.saving)}`),
      !/^0(\.0*)?$/.test(rule.lost) && h("p", { class: "reason" }, rule.lost_by.join() === "floor" ? t("lostToFloor", { amount: money(rule.lost) }) : reason));
    case "failed": return h("li", { class: "near" },
      h("h3", {}, name), rule.conditions.map(progress), h("p", { class: "reason" }, reason));
    case "lost_to":
    case "blocked": return h("li", { class: "passed" }, h("h3", {}, name), h("p", { class: "reason" }, reason));
  }
}

function progress({ condition, measure = condition, not, have, need }) {
  // Of anything else the reason speaks.
  if (not || !["amount", "quantity", "skus"].includes(measure)) return false;
  const format = measure === "amount" ? money : quantity;
  const bar = h("span", { class: "fill" });
  bar.style.setProperty("--width", `${percentOf(need, have)}%`);
  return [h("p", { class: "sum" }, `${format(have)} / ${format(need)}`), h("div", { class: "progress", "aria-hidden": "true" }, bar)];
}
