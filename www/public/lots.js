// Rebates that the dealer holds (返利单), and how much of the order they should pay: plans that the engine priced, side by side.
import { h, put } from "./dom.js";
import { instant, money, t } from "./i18n.js";
import { shop } from "./shop.js";

/** Days until the next order: what expires by then is lost if it is not used now. */
const DAYS = [7, 15, 30, 60, 90];
const DAY = 86_400_000;

export function lotPanel() {
  const plans = h("ul", { "aria-label": t("plans") });
  const lots = h("ul", { class: "plain" });
  const days = h("select", { id: "next-order", onchange: plan }, DAYS.map((count) => h("option", { value: count, selected: count === 30 }, t("inDays", { count }))));
  const question = h("p", { class: "ship-to" }, h("label", { for: days.id }, t("nextOrder")), days);
  const summary = h("summary", {});
  const held = h("details", {}, summary, lots);
  const node = h("section", { class: "block lots", "aria-label": t("plans") }, h("h2", {}, t("lotsHeld"), h("small", {}, t("plans"))), question, plans, held);

  /** Each lot with what is left of it after this order; frozen and expired ones pay nothing. */
  function show() {
    const all = shop.facts.lots ?? [];
    node.hidden = !all.length;
    const usable = shop.quote.redemption?.lots ?? [];
    const others = all.filter(({ id }) => !usable.some((lot) => lot.id === id));
    summary.textContent = t("lots", { count: all.length });
    put(lots, usable.map(({ id, expires, used, left }) => lot(id, expires !== null && t("until", { when: instant(expires - 1) }), used, left)),
      others.map(({ id, issued, balance }) => lot(id, new Date(issued) > shop.now ? t("frozen", { when: instant(new Date(issued)) }) : t("expired"), "0", balance)));
  }

  function plan() {
    const { id } = plans.contains(document.activeElement) ? document.activeElement : {};
    const found = shop.quote.lines.size && shop.quote.redemption ? shop.plans(shop.now + days.value * DAY) : [];
    question.hidden = found.length < 2;
    put(plans, found.length > 1 && found.map(row));
    if (id) document.getElementById(id)?.focus();
  }

  shop.watch("words", show);
  shop.watch("pause", plan);
  show();
  plan();
  return node;
}

const lot = (id, when, used, left) => h("li", {}, h("span", {}, id, h("small", {}, when)), h("span", {}, /[1-9]/.test(used) && `−${money(used)}`), h("span", {}, money(left)));

/** The first one is the best. */
function row({ redeem, payable, rebate, lost }, index) {
  return h("li", {}, h("button", {
    type: "button", id: `plan-${index}`, class: "alternative", "aria-pressed": String(redeem === shop.quote.totals.redeemed), onclick: () => shop.redeem(/[1-9]/.test(redeem) ? redeem : null),
  }, h("span", {}, t(/[1-9]/.test(redeem) ? "planRedeem" : "planNone", { amount: money(redeem) }), index === 0 && h("b", { class: "tag accept" }, t("best")),
    h("small", {}, t("planRebate", { amount: money(rebate) }), /[1-9]/.test(lost) && h("span", { class: "minus" }, t("planLost", { amount: money(lost) })))),
  h("span", {}, t("payable")), h("span", {}, money(payable))));
}
