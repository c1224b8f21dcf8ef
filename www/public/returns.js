// What it would come to if a part of a past order came back, before it does: the engine's answer on the facts of today.
import { typedQuantity } from "./digits.js";
import { h, put } from "./dom.js";
import { language, money, nameOf, quantity, t, textOf } from "./i18n.js";
import { shop } from "./shop.js";

/** `record` is a past order as the server keeps it. */
export function returnForm({ quote, order, replay }) {
  const answer = h("div", { role: "status" });
  const inputs = quote.lines.map(({ id, sku, unit, quantity: ordered }) => {
    const name = nameOf(shop.product(sku)?.name, sku);
    const input = h("input", { inputmode: "decimal", autocomplete: "off", placeholder: "0", "data-line": id, "aria-label": t("returnOf", { name, unit }), oninput: show });
    return { id, input, node: h("li", {}, h("span", {}, name), input, h("span", {}, `/ ${quantity(ordered)} ${unit}`)) };
  });

  function show() {
    const lines = inputs.map(({ id, input }) => ({ line: id, quantity: typedQuantity(input.value) })).filter(({ quantity: count }) => /[^0.]/.test(count));
    put(answer, lines.length > 0 && outcome(lines));
  }

  function outcome(lines) {
    const rest = { ...order, lines: quote.lines.map(({ id, sku, quantity: ordered, unit }) => ({ id, sku, quantity: ordered, unit })) };
    try {
      return preview(shop.engine.returnPreview({ order: rest, dealer: replay.dealer, now: replay.now, lines, today: { dealer: shop.facts, now: shop.now }, language }));
    } catch ({ code, message }) {
      return h("p", { class: "hint" }, textOf(`fault.${code}`, message));
    }
  }

  return h("details", { class: "return" }, h("summary", {}, t("returnPreview")),
    replay.bundle === shop.engine.policy.bundle ? [h("ul", { class: "plain" }, inputs.map(({ node }) => node)), answer] : h("p", { class: "reason" }, t("returnOtherPolicy")));
}

function preview({ gifts, lots, rebates, totals }) {
  const some = (amount) => /[1-9]/.test(amount);
  const figure = (key, amount, kind = "") => h("div", { class: kind }, h("dt", {}, t(key)), h("dd", {}, money(amount)));
  const taken = rebates.filter(({ clawback, falls }) => some(clawback) || falls.length > 0);
  return [
    h("dl", { class: "totals" }, figure("refund", totals.refund), some(totals.lots) && figure("returnLots", totals.lots),
      some(totals.charge) && figure("refundKept", totals.refund_kept), figure("clawback", totals.clawback, some(totals.clawback) ? "minus" : "")),
    [...gifts, ...lots].map(({ text }) => h("p", { class: "reason" }, text)),
    taken.map(({ text, falls }) => [h("p", { class: "reason" }, text), falls.map((fall) => h("p", { class: "reason minus" }, fall.text))]),
  ];
}
