// Promotions reached, nearly reached and not taken, with their reasons.
import { percentOf } from "./digits.js";
import { h } from "./dom.js";
import { money, nameOf, quantity, t } from "./i18n.js";
import { shop } from "./shop.js";

/** So few that were not taken are not folded away. */
const REST_OPEN = 2;
const ORDER = { applied: 0, failed: 1, lost_to: 2, blocked: 3 };

export function promotionList() {
  const { rules, combination, approved } = shop.quote;
  if (!rules.length && !approved.length) return [];
  const rows = rules.map((rule, index) => ({ rule, index })).sort((a, b) => ORDER[a.rule.outcome] - ORDER[b.rule.outcome]);
  const rest = rows.filter(({ rule: { outcome } }) => ORDER[outcome] > 1);
  const proof = combination.proof === "optimal" ? t("proven") : t("bound", { amount: money(combination.bound) });
  return [h("h2", {}, t("promotions")), h("ul", { class: "rules" }, approved.map(adjustment), rows.slice(0, rows.length - rest.length).map(row)),
    rest.length > 0 && h("details", { id: "not-taken", class: "rest", open: rest.length <= REST_OPEN }, h("summary", { id: "not-taken-why" }, t("notTaken", { count: rest.length })), h("ul", { class: "rules" }, rest.map(row))),
    rules.length > 0 && h("p", { class: "note" }, proof)];
}

/** A change of a price that somebody approved for this dealer. */
function adjustment({ id, line, outcome, saving, approver, reason }, index) {
  const applied = outcome === "applied";
  const sku = line.slice(0, line.lastIndexOf("|"));
  return h("li", { class: applied ? "reached" : "near" }, h("h3", {}, t("approvedFor", { id, name: nameOf(shop.product(sku)?.name, line) })), applied && h("p", { class: "sum" }, `−${money(saving)}`),
    h("p", { class: "reason" }, `${approver} · ${reason}${applied ? "" : ` · ${shop.say(`approved[${index}]`)}`}`));
}

function row({ rule, index }) {
  const name = nameOf(shop.engine.policy.promotions[rule.rule], rule.rule);
  const reason = shop.say(`rules[${index}]`);
  switch (rule.outcome) {
    case "applied": return h("li", { class: "reached" },
      h("h3", {}, name, rule.times > 1 && h("small", {}, ` × ${rule.times}`)), h("p", { class: "sum" }, given(rule)),
      !/^0(\.0*)?$/.test(rule.lost) && h("p", { class: "reason" }, rule.lost_by.join() === "floor" ? t("lostToFloor", { amount: money(rule.lost) }) : reason));
    case "failed": return h("li", { class: "near" },
      h("h3", {}, name), rule.conditions.map(progress), h("p", { class: "reason" }, reason));
    case "lost_to":
    case "blocked": return h("li", { class: "passed" }, h("h3", {}, name), h("p", { class: "reason" }, reason));
  }
}

/** What an applied promotion comes to: something to take home, something for later, or money. */
function given({ rule, saving }) {
  const one = ({ promotion }) => promotion === rule;
  const later = shop.quote.earned?.find(one);
  return shop.quote.gifts.some(one) ? t("gifts") : later ? `+${quantity(String(later.quantity))}` : `−${money(saving)}`;
}

function progress({ condition, measure = condition, not, have, need }) {
  // Of anything else the reason speaks.
  if (not || !["amount", "quantity", "skus"].includes(measure)) return false;
  const format = measure === "amount" ? money : quantity;
  const bar = h("span", { class: "fill" });
  bar.style.setProperty("--width", `${percentOf(need, have)}%`);
  return [h("p", { class: "sum" }, `${format(have)} / ${format(need)}`), h("div", { class: "progress", "aria-hidden": "true" }, bar)];
}
