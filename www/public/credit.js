// Credit as a picture with its figures: what is used already, what this order takes, where the limit is.
import { widest } from "./digits.js";
import { h } from "./dom.js";
import { money, t } from "./i18n.js";
import { inRow, legend, meter } from "./meter.js";
import { shop } from "./shop.js";

const USED = ["receivable", "delivered", "open_orders"];

export function creditMeter() {
  const { credit } = shop.facts;
  if (!credit) return [];
  const { payable } = shop.quote.totals;
  const parts = [...USED.map((key) => [key, credit[key] ?? "0"]), ["cart", payable]].filter(([, figure]) => /[1-9]/.test(figure));
  const limit = widest([credit.limit], [credit.prepaid ?? "0", credit.limit]);  // what was paid ahead makes room
  const { left, group } = shop.quote.credit;
  const entry = (key, figure) => [key, t(`credit.${key}`), money(figure)];
  return [h("h2", {}, t("credit")), meter(inRow(parts), [["limit", limit]]), legend([
    entry("left", left), group && entry("group", group.left), entry("limit", credit.limit), /[1-9]/.test(credit.prepaid ?? "0") && entry("prepaid", credit.prepaid), ...parts.map(([key, figure]) => entry(key, figure))])];
}
