// Rebate programs: where the period stands without and with this order, and how far the next tier is.
import { percentOf, widest } from "./digits.js";
import { h, svg } from "./dom.js";
import { applyChange, labelOf } from "./hints.js";
import { instant, money, nameOf, percent, quantity, t, textOf } from "./i18n.js";
import { inRow, legend, meter } from "./meter.js";
import { shop } from "./shop.js";

export function rebateList() {
  const all = shop.quote.rebates.map((preview, index) => ({ touched: /[1-9]/.test(preview.volume.cart) || /[1-9]/.test(preview.delta), node: program(preview, index) }));
  const nodes = (touched) => all.filter((one) => one.touched === touched).map((one) => one.node);
  const others = nodes(false);
  return [all.length > 0 && h("h2", {}, t("rebates"), h("small", {}, t("estimate"))), nodes(true),
    others.length > 0 && h("details", { id: "others", class: "others" }, h("summary", { id: "others-all" }, t("otherRebates", { count: others.length })), others)].filter(Boolean);
}

function program(preview, index) {
  const { volume, tier, next, before, after, delta, forecast, joined, lacks, unmet, contests = [] } = preview;
  const inPoints = preview.quantity === "points";
  const units = inPoints ? (figure) => t("points", { count: quantity(figure) }) : quantity;
  const format = preview.qualifier === "amount" ? money : units;
  const rate = (tier) => rateOf(tier, format, inPoints ? "perPoint" : "perPiece");
  const headline = next
    ? t(next.gain === null ? "toNextTier" : "toNextTierGain", { gap: format(next.gap), rate: rate(next), gain: next.gain === null ? "" : money(next.gain) })
    : tier && t("topTier", { rate: rate(tier) });
  const at = `rebates[${index}]`;
  // What makes the figures what they are stands there; what may become of them is folded away.
  const bites = ({ kind, value, percent: figure }) => value === null || figure !== (kind === "add" || kind === "deduct" ? "0" : "100");
  const modifiers = (preview.modifiers ?? []).map((modifier, index) => bites(modifier) && `modifiers[${index}]`);
  const short = lacks ?? unmet;
  const drawn = [
    joined && ["joined", [["posted", [], preview.base]], [["limit", joined.target]]],
    short && [lacks ? "lacks" : "standing", [["cart", [], short.have]], [["limit", short.need]]],
    forecast && /[1-9]/.test(forecast.rebate + preview.earned) && ["forecast", [["forecast", [], forecast.rebate], ["accrued", [], forecast.accrued], ["won", [], preview.earned]]],
  ].filter(Boolean);
  const told = (part) => shop.say(`${at}.${part}`);
  const shown = drawn.map(([part]) => told(part));
  const terms = ["standing", "base", "budget", "guarantee", "minimum", ...modifiers].map((part) => part && told(part)).filter((text) => text && !shown.includes(text));
  const more = shop.sayAll(`${at}.`, `${at}.next`).filter((text) => ![...terms, ...shown, ...shop.sayAll(`${at}.contests`)].includes(text));
  const pack = shop.packs.find(({ rebates }) => rebates.some(({ program: id, amount }) => id === preview.program && !amount.startsWith("-")));
  if (pack) more.push(pack.text);
  const shares = preview.shares.filter(({ amount }) => /[1-9]/.test(amount));
  return h("article", { class: "program" },
    h("h3", {}, nameOf(shop.engine.policy.programs[preview.program], preview.program), h("small", {}, textOf(`period.${preview.period}`, /^W|\.\./.test(preview.period) ? "" : preview.period), until(preview.ends))),
    h("p", { class: "delta" }, h("span", {}, money(before)), " → ", h("strong", {}, money(after)),
      /[1-9]/.test(delta) && h("span", { class: delta.startsWith("-") ? "minus" : "plus" }, delta.startsWith("-") ? money(delta) : `+${money(delta)}`), preview.label === "if_paid" && h("small", {}, t("ifPaid"))),
    picture(preview, rate, shop.say(at)),
    headline && h("p", { class: "reason" }, headline),
    step(shop.tiers.find(({ program: id }) => id === preview.program)),
    legend([...["posted", "open", "cart"].map((part) => [part, t(`volume.${part}`), format(volume[part])]), forecast && ["forecast", t("volume.forecast"), format(forecast.volume)]]),
    drawn.map(([part, bars, marks], index) => h("div", { class: `drawn ${part}` }, h("p", { class: "reason" }, shown[index]), meter(bars, marks),
      part === "forecast" && legend([["won", preview.earned], ["accrued", forecast.accrued], ["forecast", forecast.rebate]].map(([kind, amount]) => [kind, t(`rebate.${kind}`), money(amount)])))),
    contests.map((contest, index) => race(contest, volume, `${at}.contests[${index}]`)),
    terms.map((text) => h("p", { class: "reason" }, text)),
    more.length + shares.length > 0 && h("details", { id: `how-${preview.program}` }, h("summary", { id: `how-${preview.program}-why` }, t("how")), more.map((text) => h("p", { class: "reason" }, text)),
      shares.length > 0 && h("ul", { class: "plain" }, shares.map(({ line, amount }) => h("li", {}, h("span", {}, nameOf(shop.product(shop.quote.lines.get(line)?.sku)?.name, line)), h("span", {}, money(amount)))))));
}

/** Where the dealer stood in a contest, and how far this order comes toward the ranks ahead, which stand as they were published. */
const race = ({ contest, name, as_of: when, rank, of, prize, then, ahead }, { posted, open, cart }, at) => h("div", { class: "drawn race" },
  h("h4", {}, nameOf(name, contest), h("small", {}, t("published", { when: instant(when) }))),
  h("p", { class: "reason" }, h("strong", {}, t(rank === null ? "unranked" : "ranked", { rank, of })), /[1-9]/.test(prize) && ` ${money(prize)}`),
  meter(inRow([["posted", posted], ["open", open], ["cart", cart]]), ahead.map(({ gap }) => ["limit", then, gap])),
  shop.sayAll(`${at}.ahead`).map((text) => h("p", { class: "reason" }, text)));

/** The least that reaches the next tier, as the engine priced it, at a touch. */
const step = (way) => way && h("p", { class: "step-up" }, h("span", { class: "reason" }, way.text), h("button", { type: "button", id: `tier-${way.program}`, class: "cure", onclick: () => applyChange(way.change) }, labelOf(way.change)));

/** What a tier pays: a percentage, so much for each piece or point, or an amount, once or for each step. */
function rateOf({ percent: share, per_unit: piece, amount, every, excess }, format, each) {
  if (share !== undefined) return excess === undefined ? percent(share) : t("andExcess", { rate: percent(share), excess: percent(excess) });
  if (piece !== undefined) return t(each, { amount: money(piece) });
  return every === undefined ? money(amount) : t("perStep", { amount: money(amount), step: format(every) });
}

/** Its last moment, of what ends. */
const until = (end) => end !== null && t("until", { when: instant(end - 1) });
const startOf = (band) => band?.from ?? band?.above ?? "0";

/** Volume as a bar, tiers as steps over it: the reached one and the next. Lengths are drawn, figures are in the text beside it. */
function picture({ volume: { posted, open, cart }, tier, next, forecast }, rate, label) {
  const then = forecast?.volume ?? "0";
  const whole = widest([posted, open, cart], [startOf(next)], [startOf(tier)], [then]);
  const room = next ? 0.86 : 1;  // at the right, for the next tier's step
  const at = (...amounts) => percentOf(whole, ...amounts) * room;
  const bar = (kind, from, to) => svg("rect", { class: kind, x: `${from}%`, y: 36, width: `${to - from}%`, height: 10 });
  const step = (band, kind, to, y) => [
    svg("rect", { class: kind, x: `${at(startOf(band))}%`, y, width: `${to - at(startOf(band))}%`, height: 34 - y }),
    svg("text", { class: kind, x: `${to === 100 ? 100 : at(startOf(band))}%`, y: y - 4, "text-anchor": to === 100 ? "end" : "start" }, rate(band)),
  ];
  return svg("svg", { class: "tiers", role: "img", "aria-label": label, width: "100%", height: 50 },
    tier && step(tier, "tier reached", next ? at(startOf(next)) : 100, 24), next && step(next, "tier", 100, 16),
    svg("rect", { class: "track", y: 36, width: "100%", height: 10 }),
    forecast && bar("forecast", 0, at(then)), bar("posted", 0, at(posted)), bar("open", at(posted), at(posted, open)), bar("cart", at(posted, open), at(posted, open, cart)));
}
