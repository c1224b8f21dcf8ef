// Credit as a picture with its figures: what is used already, what this order takes, where the limit is.
import { percentOf, widest } from "./digits.js";
import { h } from "./dom.js";
import { money, t } from "./i18n.js";
import { shop } from "./shop.js";

const USED = ["receivable", "delivered", "open_orders"];

export function creditMeter() {
  const { credit } = shop.facts;
  if (!credit) return [];
  const { payable } = shop.quote.totals;
  const parts = [...USED.map((key) => [key, credit[key] ?? "0"]), ["cart", payable]].filter(([, figure]) => /[1-9]/.test(figure));
  const figures = parts.map(([, figure]) => figure);
  const limit = widest([credit.limit], [credit.prepaid ?? "0", credit.limit]);  // what was paid ahead makes room
  const whole = widest([limit], figures);
  const meter = h("div", { class: "meter", "aria-hidden": "true" }, parts.map(([key], index) => {
    const bar = h("span", { class: key });
    bar.style.setProperty("--from", `${percentOf(whole, ...figures.slice(0, index))}%`);
    bar.style.setProperty("--width", `${percentOf(whole, figures[index])}%`);
    return bar;
  }), h("i", { class: "limit" }));
  meter.lastChild.style.setProperty("--from", `${percentOf(whole, limit)}%`);
  const entry = (key, figure) => h("div", {}, h("dt", { class: key }, t(`credit.${key}`)), h("dd", {}, money(figure)));
  return [h("h2", {}, t("credit")), meter, h("dl", { class: "legend" },
    entry("left", shop.quote.credit.left), shop.quote.credit.group && entry("group", shop.quote.credit.group.left), entry("limit", credit.limit), /[1-9]/.test(credit.prepaid ?? "0") && entry("prepaid", credit.prepaid), parts.map(([key, figure]) => entry(key, figure)))];
}
