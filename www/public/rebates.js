// Rebate programs: where the period stands without and with this order, and how far the next tier is.
import { percentOf, widest } from "./digits.js";
import { h, svg } from "./dom.js";
import { money, nameOf, percent, quantity, t } from "./i18n.js";
import { shop } from "./shop.js";

export function rebateList() {
  const all = shop.quote.rebates.map((preview, index) => ({ touched: /[1-9]/.test(preview.volume.cart), node: program(preview, index) }));
  if (!all.length) return [];
  const nodes = (touched) => all.filter((one) => one.touched === touched).map((one) => one.node);
  const others = nodes(false);
  return [h("h2", {}, t("rebates"), h("small", {}, t("estimate"))), nodes(true),
    others.length > 0 && h("details", { class: "others" }, h("summary", {}, t("otherRebates", { count: others.length })), others)];
}

function program(preview, index) {
  const { volume, tier, next } = preview;
  const format = preview.qualifier === "amount" ? money : quantity;
  const rate = (band) => band.percent !== undefined ? percent(band.percent) : t("perPiece", { amount: money(band.per_unit) });
  const headline = next
    ? t(next.gain === null ? "toNextTier" : "toNextTierGain", { gap: format(next.gap), rate: rate(next), gain: next.gain === null ? "" : money(next.gain) })
    : t("topTier", { rate: tier ? rate(tier) : "–" });
  return h("article", { class: "program" },
    h("h3", {}, nameOf(shop.engine.policy.programs[preview.program], preview.program), h("small", {}, preview.period)),
    h("p", { class: "delta" }, h("span", {}, money(preview.before)), " → ", h("strong", {}, money(preview.after)), h("span", { class: "plus" }, `+${money(preview.delta)}`)),
    picture(preview, rate, shop.say(`rebates[${index}]`)),
    h("p", { class: "reason" }, headline),
    h("dl", { class: "legend" }, [["posted", volume.posted], ["open", volume.open], ["cart", volume.cart]].map(([part, figure]) => (
      h("div", {}, h("dt", { class: part }, t(`volume.${part}`)), h("dd", {}, format(figure)))))));
}

/** Volume as a bar, tiers as steps over it: the reached one and the next. Lengths are drawn, figures are in the text beside it. */
function picture({ volume: { posted, open, cart }, tier, next }, rate, label) {
  const whole = widest([posted, open, cart], [next?.from ?? "0"], [tier?.from ?? "0"]);
  const room = next ? 0.86 : 1;  // at the right, for the next tier's step
  const at = (...amounts) => percentOf(whole, ...amounts) * room;
  const bar = (kind, from, to) => svg("rect", { class: kind, x: `${from}%`, y: 36, width: `${to - from}%`, height: 10 });
  const step = (band, kind, to, y) => [
    svg("rect", { class: kind, x: `${at(band.from)}%`, y, width: `${to - at(band.from)}%`, height: 34 - y }),
    svg("text", { class: kind, x: `${to === 100 ? 100 : at(band.from)}%`, y: y - 4, "text-anchor": to === 100 ? "end" : "start" }, rate(band)),
  ];
  return svg("svg", { class: "tiers", role: "img", "aria-label": label, width: "100%", height: 50 },
    tier && step(tier, "tier reached", next ? at(next.from) : 100, 24), next && step(next, "tier", 100, 16),
    svg("rect", { class: "track", y: 36, width: "100%", height: 10 }),
    bar("posted", 0, at(posted)), bar("open", at(posted), at(posted, open)), bar("cart", at(posted, open), at(posted, open, cart)));
}
