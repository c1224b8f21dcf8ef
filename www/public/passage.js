// The way from an old policy to a new one: which of the two this order has, why, and what either comes to.
import { h } from "./dom.js";
import { money, t } from "./i18n.js";
import { shop } from "./shop.js";

export function passage() {
  const { transition } = shop.quote;
  if (!transition) return [];
  const side = (key) => {
    const { version, payable } = transition[key];
    return h("div", { class: key === transition.side ? "chosen" : null }, h("dt", {}, t(`passage.${key}`, { version })), h("dd", {}, money(payable)));
  };
  return [h("h2", {}, t("passage")), h("p", { class: "reason" }, shop.say("transition")), h("dl", { class: "legend" }, side("old"), side("new"))];
}
