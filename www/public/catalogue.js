// The catalogue: search, categories, own prices with their scales, and the quantity right there.
import { announce, h, write } from "./dom.js";
import { measured, money, nameOf, quantity, t, unitPrice } from "./i18n.js";
import { quantityField } from "./quantity-field.js";
import { sameSku, shop } from "./shop.js";

const ROWS = 100;
const OFFERS_SHOWN = 2;

export function catalogue() {
  let shown = ROWS;
  const rows = new Map();
  const search = h("input", {
    type: "search", id: "search", autocomplete: "off", spellcheck: "false", enterkeyhint: "search", placeholder: t("searchHint"), "aria-label": t("search"), "aria-controls": "products",
    oninput: (event) => event.isComposing || renew(), oncompositionend: () => renew(),
    onkeydown: (event) => {
      if (event.key === "Enter" && !event.isComposing) list.querySelector("quantity-field")?.focus();
    },
  });
  const category = h("select", { "aria-label": t("category"), "aria-controls": "products", onchange: () => renew() },
    h("option", { value: "" }, t("allCategories")),
    shop.categories.map(({ id, name, depth }) => h("option", { value: id }, `${"\u2003".repeat(depth)}${name}`)));
  const list = h("ul", { class: "products", id: "products" });
  const more = h("button", { type: "button", class: "quiet wide", onclick: () => renew(shown + ROWS) }, t("showMore"));
  const empty = h("p", { class: "state" }, t("nothingFound"));

  function renew(limit = ROWS) {
    shown = limit;
    rows.clear();
    let full = false;
    const find = search.value.trim().normalize("NFKC");
    const known = find && shop.product(find);
    for (const item of shop.products(find, category.value)) {
      if (rows.size === shown) {
        full = true;
        break;
      }
      rows.set(item.sku, productRow(item, known?.sku === item.sku && !sameSku(item, find) && `${find} → `));
    }
    list.replaceChildren(...[...rows.values()].map((row) => row.node));
    more.hidden = !full;
    empty.hidden = rows.size > 0;
    // A new search begins at its first product, however far down the last one was read.
    if (limit === ROWS && list.getBoundingClientRect().top < 0) list.scrollIntoView();
    if (search.value || category.value) announce(t("found", { count: full ? `${rows.size}+` : rows.size }));
  }

  shop.watch("change", ({ detail }) => {
    for (const id of detail) rows.get(id.slice(0, id.lastIndexOf("|")))?.update();
  });
  shop.watch("prices", () => renew(shown));
  renew();
  return h("section", { class: "catalogue", "aria-label": t("catalogue") },
    h("h2", { class: "spoken" }, t("catalogue")),
    h("div", { class: "finder" }, h("div", { class: "search" }, search, h("kbd", { "aria-hidden": "true" }, "/")), category), list, empty, more);
}

/** `old`: the SKU that found it, where that is an old one. */
function productRow(item, old) {
  const { promotions, brands, accesses } = shop.engine.policy;
  const name = nameOf(item.name, item.sku);
  const least = item.min_quantity === "0" ? "1" : item.min_quantity;
  const fromOf = (from, { measure, unit }) => measure !== "quantity" && !/[1-9]/.test(from) ? "" : t("fromQuantity", { quantity: measure === "quantity" ? quantity(from === "0" ? least : from) : measured(from, measure, unit) });
  // A further unit has prices of its own where it does not cost as many base units.
  const bands = [item, ...item.units].flatMap(({ unit, prices, scale }) => prices.map((band) => h("li", { "data-from": band.from_quantity, "data-unit": unit },
    h("span", { class: "from" }, prices.length > 1 && fromOf(band.from_quantity, scale)), h("span", {}, unitPrice(band.unit_price), h("small", {}, ` / ${band.per === 1 ? "" : band.per}${unit}`)))));
  const offers = shop.offersOf(item).map((id) => h("li", { class: "offer" }, nameOf(promotions[id], id)));
  const rules = [
    item.min_quantity !== "0" && item.min_quantity !== "1" && t("minimum", { quantity: quantity(item.min_quantity), unit: item.unit }),
    item.multiple !== "0" && item.multiple !== "1" && t("multiple", { quantity: quantity(item.multiple), unit: item.unit }),
    ...item.units.map(({ unit, count, base }) => `${count === 1 ? "" : `${count} `}${unit} = ${base} ${item.unit}`),
  ].filter(Boolean);
  const figure = h("p", { class: "figure" });
  const node = h("li", { class: "product" },
    h("div", { class: "what" },
      h("h3", {}, name),
      h("p", { class: "sku" }, old, [item.sku, nameOf(brands[item.brand], item.brand), ...rules].filter(Boolean).join(" · ")),
      (item.registrations ?? []).map(({ access, registration, unit_price, per, left }) => h("p", { class: "special" }, t(left === "0" ? "registeredOut" : "registered", { access: nameOf(accesses[access], access), registration }),
        left !== "0" && ` ${unitPrice(unit_price)} / ${per === 1 ? "" : per}${item.unit}`, left !== "0" && left !== null && t("registeredLeft", { left: quantity(left) }))),
      offers.length > 0 && h("ul", { class: "offers", "aria-label": t("offers") }, offers.slice(0, OFFERS_SHOWN),
        offers.length > OFFERS_SHOWN && h("li", { class: "offer" }, `+${offers.length - OFFERS_SHOWN}`))),
    bands.length ? h("ul", { class: "bands", "aria-label": t("ownPrice") }, bands) : h("p", { class: "bands none" }, t("noPrice")),
    bands.length > 0 && h("div", { class: "buy" }, item.orderable ? [quantityField(item.sku), item.units.map(({ unit }) => quantityField(item.sku, unit))] : h("p", { class: "hint" }, t("notOrderable")), figure));

  function update() {
    const lines = item.units.length ? shop.linesOf(item.sku) : [shop.lineOf(item.sku)].filter(Boolean);
    node.classList.toggle("ordered", lines.length > 0);
    for (const { dataset: { from, unit }, classList } of bands) classList.toggle("held", lines.some(({ price }) => price?.unit === unit && price.from_quantity === from));
    write(figure, lines.map(({ net }) => money(net)).join(" + "));
  }
  update();
  return { node, update };
}
