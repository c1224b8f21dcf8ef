// The order: its lines with waterfalls, what stands against it, promotions, rebates, credit, totals.
import { announce, h, put, write } from "./dom.js";
import { percentOf } from "./digits.js";
import { money, nameOf, quantity, t, unitPrice } from "./i18n.js";
import { creditMeter } from "./credit.js";
import { couponList, couponPanel, giftList } from "./entered.js";
import { promotionList } from "./promotions.js";
import { quantityField } from "./quantity-field.js";
import { rebateList } from "./rebates.js";
import { shop } from "./shop.js";

/** Renders `make()` into `node` again only when what it is made from differs. */
function section(node, source, make) {
  let seen;
  return () => {
    const now = JSON.stringify(source());
    if (now === seen) return;
    seen = now;
    const { id } = node.contains(document.activeElement) ? document.activeElement : {};
    put(node, make());
    if (id) document.getElementById(id)?.focus();
  };
}

export function orderPanel({ paste, checkout }) {
  const views = new Map();
  const list = h("ol", { class: "lines" });
  const empty = h("p", { class: "state" }, t("emptyOrder"));
  const noticesNode = h("ul", { class: "notices", "aria-label": t("attention") });
  const giftsNode = h("section", { class: "block", "aria-label": t("gifts") });
  const coupons = couponPanel();
  const promotionsNode = h("section", { class: "block", "aria-label": t("promotions") });
  const rebatesNode = h("section", { class: "block", "aria-label": t("rebates") });
  const creditNode = h("section", { class: "block", "aria-label": t("credit") });
  const clear = h("button", { type: "button", class: "quiet", onclick: clearOrUndo });
  const count = h("span", { class: "count" });
  const words = [
    section(noticesNode, () => [notices(), shop.lost], orderNotices),
    section(giftsNode, () => [shop.quote.gift_offers, shop.quote.gifts, shop.quote.gift_choices], giftList),
    section(coupons.list, () => [shop.quote.coupons, shop.quote.rules], couponList),
    section(promotionsNode, () => shop.quote.rules, promotionList),
    section(rebatesNode, () => shop.quote.rebates, rebateList),
    section(creditNode, () => [shop.quote.totals, shop.facts.credit], creditMeter),
  ];

  let cleared = [];
  let entered;

  function clearOrUndo() {
    const entries = shop.lines.map((line) => [line.sku, line.quantity]);
    if (entries.length) {
      entered = shop.entered;
      shop.clear();
    } else {
      shop.setAll(cleared);
      shop.enter(entered);
    }
    cleared = entries;
    clear.hidden = false;
    write(clear, t(entries.length ? "undo" : "clear"));
  }

  function update(ids) {
    for (const id of ids) {
      const line = shop.quote.lines.get(id);
      const view = views.get(id);
      if (line && view) view.update(line);
      else if (line) add(line);
      else if (view?.node.contains(document.activeElement)) view.update(null);
      else if (view) drop(id);
    }
    showCount();
  }

  function add(line) {
    const view = orderLine(line);
    views.set(line.id, view);
    list.append(view.node);
    // A line that is gone stays in sight while its quantity is being typed: an empty field is often the way to another number.
    view.node.addEventListener("focusout", ({ relatedTarget }) => {
      if (!view.node.contains(relatedTarget) && !shop.quote.lines.has(line.id)) drop(line.id);
    });
  }

  function drop(id) {
    views.get(id).node.remove();
    views.delete(id);
    showCount();
  }

  function showCount() {
    const some = views.size > 0;
    empty.hidden = some;
    clear.hidden = !some;
    write(clear, t("clear"));
    for (const node of [giftsNode, coupons.node, promotionsNode, rebatesNode]) node.hidden = !some;
    write(count, some ? t("lineCount", { count: views.size }) : "");
  }

  shop.watch("change", ({ detail }) => update(detail));
  shop.watch("words", () => {
    for (const render of words) render();
    const { payable, discount } = shop.quote.totals;
    announce(t("spokenTotal", { payable: money(payable), saving: money(discount) }));
  });
  update([...shop.quote.lines.keys()]);
  for (const render of words) render();
  return h("section", { class: "order", "aria-label": t("order") },
    h("header", {}, h("h2", {}, t("order")), count, h("button", { type: "button", class: "quiet", onclick: paste }, t("paste")), clear),
    h("div", { class: "scroll" }, empty, list, giftsNode, noticesNode, coupons.node, promotionsNode, rebatesNode, creditNode),
    checkout);
}

function orderLine(line) {
  const item = shop.product(line.sku);
  const name = nameOf(item?.name, line.sku);
  const list = h("s", { class: "was" });
  const net = h("strong", {});
  const body = h("div", { class: "waterfall", hidden: true });
  let current = line;
  const why = h("button", { type: "button", class: "why", "aria-expanded": "false", onclick: () => open(body.hidden) }, t("why"));
  const node = h("li", { class: "line", "data-line": line.id },
    h("div", { class: "what" }, h("h3", {}, name), h("p", { class: "sku" }, line.sku)),
    h("p", { class: "sum" }, list, " ", net),
    quantityField(line.sku), why, body);

  function open(yes) {
    body.hidden = !yes;
    why.setAttribute("aria-expanded", String(yes));
    if (yes) put(body, waterfall(current));
  }

  function update(next) {
    current = next;
    const priced = Boolean(next?.price);
    write(list, priced && next.list !== next.net ? money(next.list) : "");
    write(net, priced ? money(next.net) : next ? t("noPrice") : "–");
    why.hidden = !priced;
    open(!body.hidden && priced);
  }
  update(line);
  return { node, update };
}

/** From list to net, step by step; bars only show what the figures say. */
function waterfall(line) {
  const { promotions, accesses } = shop.engine.policy;
  const step = (kind, label, figure, from, width) => {
    const bar = h("span", { class: "step-bar", "aria-hidden": "true" });
    bar.style.setProperty("--from", `${from}%`);
    bar.style.setProperty("--width", `${width}%`);
    return h("li", { class: kind }, h("span", {}, label), h("span", {}, figure), bar);
  };
  const taken = [];
  const steps = line.adjustments.map(({ rule, stage, amount }) => {
    taken.push(amount);
    return step("less", [nameOf(promotions[rule], rule), h("small", {}, ` ${t(`stage.${stage}`)}`)], `−${money(amount)}`, 100 - percentOf(line.list, ...taken), percentOf(line.list, amount));
  });
  const { price } = line;
  const unit = `${price.per === 1 ? "" : `${price.per} `}${price.unit}`;
  return [
    h("ol", { class: "steps", "aria-label": t("waterfall") },
      step("list", t("listAmount"), money(line.list), 0, percentOf(line.list, line.list)), steps, step("net", t("netAmount"), money(line.net), 0, percentOf(line.list, line.net))),
    h("dl", { class: "facts" },
      h("dt", {}, t("basePrice")), h("dd", {}, `${unitPrice(price.unit_price)} / ${unit}`,
        h("small", {}, t("priceSource", { access: nameOf(accesses?.[price.access], price.access), key: price.key.join(" · ") })),
        price.from_quantity !== "0" && h("small", {}, t("priceBand", { quantity: quantity(price.from_quantity), unit: line.unit })),
        price.missed.length > 0 && h("small", {}, t("priceMissed", { accesses: price.missed.map((id) => nameOf(accesses?.[id], id)).join(t("listComma")) }))),
      line.units.length > 0 && [h("dt", {}, t("perUnit")), h("dd", {}, line.units.map(({ count, net }) => h("span", { class: "units" }, `${quantity(String(count))} × ${money(net)}`)))],
      line.floor != null && [h("dt", {}, t("floor")), h("dd", {}, money(line.floor))]),
  ];
}

/** What stands against the order as a whole; what stands against a line is beside its quantity. */
function orderNotices() {
  return [
    shop.lost.length > 0 && h("li", { class: "warn" }, t("lost", { skus: shop.lost.join(t("listComma")) })),
    notices().map(({ severity, path }) => h("li", { class: severity }, h("p", {}, shop.say(path)), severity === "route" && h("p", { class: "cure-text" }, t("orApproval")))),
  ];
}

const notices = () => (shop.quote.lines.size ? shop.guardsOf(undefined) : []);
