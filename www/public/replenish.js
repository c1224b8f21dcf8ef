// What the dealer's own stock asks for, in quantities that can be ordered, at a touch.
import { h } from "./dom.js";
import { nameOf, quantity, t } from "./i18n.js";
import { shop } from "./shop.js";

export function replenishList() {
  const { replenishment } = shop.quote;
  if (!replenishment.length) return [];
  const take = (entries) => shop.replaceAll(entries.map(({ sku, order }) => [sku, order]));
  const button = (label, entries) => h("button", { type: "button", class: "cure", onclick: () => take(entries) }, label);
  return [
    h("h2", {}, t("replenishment")),
    h("ul", { class: "rules replenish" }, replenishment.map((entry) => {
      const item = shop.product(entry.sku);
      const have = t("replenishWhy", { position: quantity(entry.position), point: quantity(entry.reorder_point), max: quantity(entry.max) });
      return h("li", { "data-sku": entry.sku }, h("h3", {}, nameOf(item?.name, entry.sku)),
        h("p", { class: "sum" }, button(t("replenish", { quantity: quantity(entry.suggested), unit: item?.unit ?? "" }), [entry])), h("p", { class: "reason" }, have));
    })),
    replenishment.length > 1 && h("p", { class: "cures" }, button(t("replenishAll", { count: replenishment.length }), replenishment)),
  ];
}
