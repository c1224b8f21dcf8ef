// The order: its lines with waterfalls, what stands against it, promotions, rebates, credit, totals.
import { announce, h, put, write } from "./dom.js";
import { percentOf } from "./digits.js";
import { measured, money, nameOf, percent, quantity, t, unitPrice } from "./i18n.js";
import { creditMeter } from "./credit.js";
import { couponList, couponPanel, giftList } from "./entered.js";
import { hintPanel } from "./hints.js";
import { promotionList } from "./promotions.js";
import { quantityField } from "./quantity-field.js";
import { rebateList } from "./rebates.js";
import { shop } from "./shop.js";

/** Lines that a cure names, when there are more. */
const NAMED_MAX = 3;

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

/** `refresh` reads the facts again. */
export function orderPanel({ paste, refresh, checkout }) {
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
    section(noticesNode, () => [notices(), shop.lost], () => orderNotices(refresh)),
    section(giftsNode, () => [shop.quote.gift_offers, shop.quote.gifts, shop.quote.gift_choices], giftList),
    section(coupons.list, () => [shop.quote.coupons, shop.quote.rules], couponList),
    section(promotionsNode, () => shop.quote.rules, promotionList),
    section(rebatesNode, () => shop.quote.rebates, rebateList),
    section(creditNode, () => [shop.quote.totals, shop.quote.credit, shop.facts.credit], creditMeter),
  ];

  let cleared = [];
  let entered;

  function clearOrUndo() {
    const entries = shop.lines.map((line) => [line.sku, line.quantity, line.unit]);
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
    h("div", { class: "scroll" }, empty, list, giftsNode, noticesNode, hintPanel(), shipTo(), coupons.node, promotionsNode, rebatesNode, creditNode),
    checkout);
}

/** Where the order goes: freight and whose territory it is depend on it. */
function shipTo() {
  const { regions } = shop;
  if (regions.length < 2) return null;
  const { region } = shop.facts;
  const select = h("select", { id: "ship-to", onchange: () => (shop.region = select.value || null) },
    h("option", { value: "" }, t("ownRegion", { region: nameOf(shop.engine.policy.regions[region], region) })),
    regions.map(({ id, name, depth }) => h("option", { value: id }, `${"\u2003".repeat(depth)}${name}`)));
  const follow = () => (select.value = shop.region ?? "");
  shop.watch("change", follow);
  follow();
  return h("p", { class: "block ship-to" }, h("label", { for: "ship-to" }, t("shipTo")), select);
}

function orderLine(line) {
  const item = shop.product(line.sku);
  const name = nameOf(item?.name, line.sku);
  const list = h("s", { class: "was" });
  const net = h("strong", {});
  const what = h("p", { class: "sku" });
  const body = h("div", { class: "waterfall", hidden: true });
  let current = line;
  const why = h("button", { type: "button", class: "why", "aria-expanded": "false", onclick: () => open(body.hidden) }, t("why"));
  const node = h("li", { class: "line", "data-line": line.id },
    h("div", { class: "what" }, h("h3", {}, name), what),
    h("p", { class: "sum" }, list, " ", net),
    quantityField(line.sku, line.unit === item?.unit ? null : line.unit), why, body);

  function open(yes) {
    body.hidden = !yes;
    why.setAttribute("aria-expanded", String(yes));
    if (yes) put(body, waterfall(current));
  }

  function update(next) {
    current = next;
    const priced = Boolean(next?.price);
    write(what, next && next.unit !== item?.unit ? `${line.sku} · ${quantity(next.quantity)} ${next.unit} = ${quantity(next.base_quantity)} ${item.unit}` : line.sku);
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
        /[1-9]/.test(price.from_quantity) && h("small", {}, t("priceBand", { from: measured(price.from_quantity, price.measure, price.unit) })),
        price.bands.map((band) => h("small", {}, `${measured(band.part, price.measure, price.unit)} × ${unitPrice(band.unit_price)}${/[1-9]/.test(band.surcharge) ? ` + ${percent(band.surcharge)}` : ""}`)),
        price.missed.length > 0 && h("small", {}, t("priceMissed", { accesses: price.missed.map((id) => nameOf(accesses?.[id], id)).join(t("listComma")) }))),
      line.units.length > 0 && [h("dt", {}, t("perUnit")), h("dd", {}, line.units.map(({ count, net }) => h("span", { class: "units" }, `${quantity(String(count))} × ${money(net)}`)))],
      line.tax && [h("dt", {}, t("tax")), h("dd", {}, money(line.tax.tax), line.tax.rate !== null && h("small", {}, percent(line.tax.rate)))],
      line.floor != null && [h("dt", {}, t("floor")), h("dd", {}, money(line.floor))]),
  ];
}

/** What stands against the order as a whole; what stands against a line is beside its quantity. */
function orderNotices(refresh) {
  return [
    shop.lost.length > 0 && h("li", { class: "warn" }, t("lost", { skus: shop.lost.join(t("listComma")) })),
    notices().map((guard) => h("li", { class: guard.severity, tabindex: "-1" }, h("p", {}, shop.sayGuard(guard)),
      guard.severity === "route" && h("p", { class: "cure-text" }, t("orApproval")), h("p", { class: "cures" }, cureOf(guard, refresh)))),
  ];
}

/** What makes a guard of the order pass at a touch. */
function cureOf({ code, remove }, refresh) {
  const cure = (label, onclick) => h("button", { type: "button", class: "cure", onclick }, label);
  if (code === "FACTS_STALE") return cure(t("readAgain"), refresh);
  // Without any line there is no order.
  if (!remove?.length || remove.length === shop.quote.lines.size) return [];
  const names = remove.slice(0, NAMED_MAX).map((id) => shop.quote.lines.get(id)).map((line) => nameOf(shop.product(line?.sku)?.name, line?.sku)).join(t("listComma"));
  return cure(t(remove.length > NAMED_MAX ? "removeMany" : "removeLines", { names, count: remove.length }), () => shop.remove(remove));
}

const notices = () => (shop.quote.lines.size ? shop.guardsOf(undefined) : []);
