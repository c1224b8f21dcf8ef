// What would bring more than it costs, each at one touch; what is declined; and combinations that are worth as much. All of it is the engine's answer.
import { h, put } from "./dom.js";
import { money, nameOf, quantity, t } from "./i18n.js";
import { shop } from "./shop.js";

/** Hints at once; the others come when these are done. */
const SHOWN = 4;
/** Alternatives at once; the others are folded away. */
const ALTERNATIVES_SHOWN = 3;

export function hintPanel() {
  const node = h("section", { class: "block hints", "aria-label": t("hints"), hidden: true });
  const render = () => {
    const some = shop.quote.lines.size > 0;
    const { id } = node.contains(document.activeElement) ? document.activeElement : {};
    const parts = some ? [hintList(), alternativeList(), declinedList()].flat() : [];
    node.hidden = !parts.length;
    put(node, parts);
    if (id) document.getElementById(id)?.focus();
  };
  shop.watch("pause", render);
  return node;
}

function hintList() {
  const { hints } = shop.hints();
  if (!hints.length) return [];
  return [h("h2", {}, t("hints")), h("ul", {}, hints.slice(0, SHOWN).map(({ kind, text, change }) => h("li", { class: `hint-${kind}` },
    h("p", {}, text), h("button", { type: "button", class: "cure", onclick: () => applyChange(change) }, labelOf(change)))))];
}

export const labelOf = ({ lines = [], decline }) => (decline ? t("decline") : lines.map(({ sku, unit, quantity: count }) => {
  const set = t("setTo", { quantity: quantity(count), unit });
  return lines.length > 1 ? `${nameOf(shop.product(sku)?.name, sku)} ${set}` : set;
}).join(t("listComma")));

/** Makes the change that a hint is about. */
export function applyChange({ lines = [], decline }) {
  if (decline) shop.enter({ ...shop.entered, decline: [...shop.entered.decline, decline] });
  else shop.setAll(lines.map(({ sku, unit, quantity: count }) => [sku, count, unit]));
}

/** The first one is the order as it is; what another one declines can be taken again below. */
function alternativeList() {
  const alternatives = shop.alternatives();
  if (alternatives.length < 2) return [];
  const row = ({ decline, applied, gifts, totals }, index) => h("li", {},
    h("button", { type: "button", id: `alternative-${index}`, class: "alternative", "aria-pressed": String(index === 0), onclick: () => shop.enter({ ...shop.entered, decline }) },
      h("span", {}, applied.map(titleOf).join(t("listComma")), gifts.length > 0 && h("small", {}, ` ${gifts.map(({ sku, quantity: count, unit }) => `${nameOf(shop.product(sku)?.name, sku)} ${quantity(count)} ${unit}`).join(t("listComma"))}`)),
      h("span", {}, `−${money(totals.discount)}`), h("span", {}, money(totals.payable))));
  const rows = alternatives.map(row);
  const rest = rows.splice(ALTERNATIVES_SHOWN);
  return [h("h2", {}, t("alternatives")), h("ul", {}, rows), rest.length > 0 && h("details", { class: "rest" }, h("summary", {}, t("showMore")), h("ul", {}, rest))];
}

const titleOf = (id) => nameOf(shop.engine.policy.promotions[id], id);

function declinedList() {
  const { decline } = shop.entered;
  return decline.map((id) => h("p", { class: "declined" }, h("span", {}, t("declined", { name: titleOf(id) })),
    h("button", { type: "button", class: "quiet", onclick: () => shop.enter({ ...shop.entered, decline: decline.filter((other) => other !== id) }) }, t("restore"))));
}
