// The order: its lines with waterfalls, what stands against it, promotions, rebates, credit, totals.
import { announce, h, put, write } from "./dom.js";
import { percentOf } from "./digits.js";
import { money, nameOf, percent, quantity, t, textOf, unitPrice } from "./i18n.js";
import { creditMeter } from "./credit.js";
import { couponList, couponPanel, giftList } from "./entered.js";
import { hintPanel } from "./hints.js";
import { lotPanel } from "./lots.js";
import { passage } from "./passage.js";
import { promotionList } from "./promotions.js";
import { quantityField } from "./quantity-field.js";
import { gradingPanel } from "./grading.js";
import { rebateList } from "./rebates.js";
import { replenishList } from "./replenish.js";
import { shop } from "./shop.js";

/** Lines that a cure names, when there are more. */
const NAMED_MAX = 3;

/** Renders `make()` into `node` again only when what it is made from differs. What has an id keeps the focus, and stays open or folded away. */
function section(node, source, make) {
  let seen;
  return () => {
    const now = JSON.stringify(source());
    if (now === seen) return;
    seen = now;
    const { id } = node.contains(document.activeElement) ? document.activeElement : {};
    const folds = [...node.querySelectorAll("details")].map(({ id, open }) => [id, open]);
    put(node, make());
    for (const [id, open] of folds) document.getElementById(id)?.toggleAttribute("open", open);
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
  const replenishNode = h("section", { class: "block replenishment", "aria-label": t("replenishment") });
  const passageNode = h("section", { class: "block passage", "aria-label": t("passage") });
  const gradingNode = h("section", { class: "block grading", "aria-label": t("grading") });
  const creditNode = h("section", { class: "block", "aria-label": t("credit") });
  const clear = h("button", { type: "button", class: "quiet", onclick: clearOrUndo });
  const count = h("span", { class: "count" });
  const rebates = section(rebatesNode, () => [shop.quote.rebates, shop.tiers], rebateList);
  const words = [
    section(noticesNode, () => [notices(), shop.lost], () => orderNotices(refresh)),
    section(giftsNode, () => [shop.quote.gift_offers, shop.quote.gifts, shop.quote.gift_choices, shop.quote.earned], giftList),
    section(coupons.list, () => [shop.quote.coupons, shop.quote.rules], couponList),
    section(promotionsNode, () => [shop.quote.rules, shop.quote.approved], promotionList),
    rebates,
    section(replenishNode, () => shop.quote.replenishment, replenishList),
    section(passageNode, () => shop.quote.transition, passage),
    section(gradingNode, () => shop.grading, gradingPanel),
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
    for (const node of [giftsNode, coupons.node, promotionsNode, passageNode, rebatesNode]) node.hidden = !some;
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
  const hints = hintPanel();
  // Behind the hints, which ask for the ways to the next tiers too.
  shop.watch("pause", rebates);
  return h("section", { class: "order", "aria-label": t("order") },
    h("header", {}, h("h2", {}, t("order")), count, h("button", { type: "button", class: "quiet", onclick: paste }, t("paste")), clear),
    h("div", { class: "scroll" }, empty, list, giftsNode, noticesNode, hints, delivery(), coupons.node, promotionsNode, passageNode, rebatesNode, gradingNode, lotPanel(), replenishNode, creditNode),
    checkout);
}

/** Where to, for whom and when: freight, territory, registered prices and the day's prices depend on it. */
function delivery() {
  const { regions, facts: { region }, engine: { policy } } = shop;
  const want = ({ target }) => {
    let fault = "";
    try {
      shop.want({ [target.name]: target.value.trim() || null });
    } catch ({ code, message }) {
      fault = textOf(`error.${code}`, message);
    }
    follow(fault);
  };
  const inputs = [
    regions.length > 1 && h("select", { id: "ship-to", name: "region", onchange: want },
      h("option", { value: "" }, t("ownRegion", { region: nameOf(policy.regions[region], region) })),
      regions.map(({ id, name, depth }) => h("option", { value: id }, `${"\u2003".repeat(depth)}${name}`))),
    policy.registrations.length > 0 && h("input", { id: "customer", name: "customer", maxlength: "64", autocomplete: "off", placeholder: t("customerHint"), onchange: want }),
    h("input", { id: "deliver", name: "deliver", type: "date", onchange: want }),
  ].filter(Boolean);
  const hint = h("p", { class: "hint", role: "status" });
  function follow(fault = "") {
    for (const input of inputs) input.value = shop.wanted[input.name] ?? "";
    write(hint, fault || (shop.quote.priced_for ? t("pricedFor", { day: shop.quote.priced_for }) : ""));
  }
  shop.watch("change", () => follow());
  follow();
  return h("section", { class: "block", "aria-label": t("delivery") }, inputs.map((input) => h("p", { class: "ship-to" }, h("label", { for: input.id }, t(input.id)), input)), hint);
}

function orderLine(line) {
  const item = shop.product(line.sku);
  const name = nameOf(item?.name, line.sku);
  const list = h("s", { class: "was" });
  const net = h("strong", {});
  const what = h("p", { class: "sku" });
  const special = h("p", { class: "special" });
  const body = h("div", { class: "waterfall", hidden: true });
  let current = line;
  const why = h("button", { type: "button", class: "why", "aria-expanded": "false", onclick: () => open(body.hidden) }, t("why"));
  const node = h("li", { class: "line", "data-line": line.id },
    h("div", { class: "what" }, h("h3", {}, name), what, special),
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
    put(special, next ? [shop.sayAlias(next.id), ...registered(next).map(([text]) => text)].map((text) => text && h("span", {}, text)) : []);
    write(list, priced && next.list !== next.net ? money(next.list) : "");
    write(net, priced ? money(next.net) : next ? t("noPrice") : "–");
    why.hidden = !priced;
    open(!body.hidden && priced);
  }
  update(line);
  return { node, update };
}

/** Registrations that price a part of a line: which, for how much of what was left; and the engine's sentence. */
function registered({ id }) {
  return (shop.quote.registrations ?? []).flatMap(({ line, access, registration, quantity: count, left }, index) => (line !== id ? [] : [[
    t(left === null ? "registered" : left === "0" ? "registeredOut" : "registeredOf", { access: nameOf(shop.engine.policy.accesses[access], access), registration, count: quantity(count), left: left && quantity(left) }),
    shop.say(`registrations[${index}]`)]]));
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
    const by = stage === "approved" && shop.quote.approved.find(({ id }) => id === rule);
    return step("less", [nameOf(promotions[rule], rule), h("small", {}, ` ${t(`stage.${stage}`)}`), by && h("small", { class: "by" }, `${by.approver} · ${by.reason}`)], `−${money(amount)}`, 100 - percentOf(line.list, ...taken), percentOf(line.list, amount));
  });
  const { price } = line;
  const at = [...shop.quote.lines.keys()].indexOf(line.id);
  const called = (id) => nameOf(accesses?.[id], id);
  return [
    h("ol", { class: "steps", "aria-label": t("waterfall") },
      step("list", t("listAmount"), money(line.list), 0, percentOf(line.list, line.list)), steps, step("net", t("netAmount"), money(line.net), 0, percentOf(line.list, line.net))),
    h("dl", { class: "facts" },
      h("dt", {}, t("basePrice")), h("dd", {}, [...shop.sayAll(`lines[${at}].price`), ...registered(line).map(([, text]) => text), shop.say(`transition.lines[${at}]`)].map((text) => text && h("span", { class: "units" }, text)),
        h("small", {}, t("priceKey", { key: price.key.join(" · ") })),
        price.beaten.length > 0 && h("small", {}, t("priceBeaten", { accesses: price.beaten.map(({ access, unit_price: other, per }) => `${called(access)} ${unitPrice(other)}${per === 1 ? "" : ` / ${per}`}`).join(t("listComma")) })),
        price.missed.length > 0 && h("small", {}, t("priceMissed", { accesses: price.missed.map(called).join(t("listComma")) }))),
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
