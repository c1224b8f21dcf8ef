// What is entered beside the lines: coupons, and which gifts are wanted. What becomes of them is the engine's answer.
import { h, write } from "./dom.js";
import { money, nameOf, quantity, t } from "./i18n.js";
import { shop } from "./shop.js";

/** The field for codes; `list` is where `couponList` goes. It stays while the list is made anew, so that nothing typed is lost. */
export function couponPanel() {
  const list = h("ul", { class: "coupons" });
  const hint = h("p", { class: "hint", id: "coupon-hint", role: "status" });
  const input = h("input", { "aria-label": t("coupons"), placeholder: t("coupons"), maxlength: 64, autocomplete: "off", autocapitalize: "off", spellcheck: "false", "aria-describedby": "coupon-hint", oninput: () => write(hint, "") });
  const node = h("section", { class: "block", "aria-label": t("coupons") },
    h("form", { class: "coupon", onsubmit: use }, input, h("button", { class: "quiet" }, t("useCoupon"))), hint, list);

  function use(event) {
    event.preventDefault();
    const code = input.value.trim();
    if (!code) return;
    try {
      shop.enter({ ...shop.entered, coupons: [...shop.entered.coupons, code] });
      input.value = "";
    } catch {
      write(hint, t("couponRefused"));
    }
  }
  return { node, list };
}

export function couponList() {
  const { coupons } = shop.quote;
  return coupons.map(({ code, effect }, index) => h("li", { class: effect === "applied" ? "good" : "" },
    h("p", {}, shop.say(`coupons[${index}]`)),
    h("button", { type: "button", class: "quiet", "aria-label": t("removeCoupon", { code }), onclick: () => remove(code) }, "×")));
}

function remove(code) {
  shop.enter({ ...shop.entered, coupons: shop.entered.coupons.filter((other) => other !== code) });
}

/** Gifts as lines to take or leave: none taken declines them, one more than there are to choose takes the place of the first. */
export function giftList() {
  const { gifts, gift_offers: offers, gift_choices: choices, earned = [] } = shop.quote;
  const gone = choices.filter(({ promotion, effect }) => effect === "declined" && !offers.some((offer) => offer.promotion === promotion));
  const later = earned.length > 0 && [h("h3", {}, t("earned")), h("ul", {}, earned.map(({ promotion, quantity: count }) => h("li", { class: "earned" }, h("span", {}, titleOf(promotion)), h("strong", {}, `+${quantity(String(count))}`))))];
  if (!offers.length && !gone.length && !later) return [];
  return [h("h2", {}, t("gifts")), offers.map((offer) => giftOffer(offer, gifts)), later,
    gone.map(({ promotion }) => h("p", { class: "reason" }, titleOf(promotion), " ",
      h("button", { type: "button", class: "quiet", onclick: () => choose(promotion) }, t("restoreGift"))))];
}

function giftOffer({ promotion, choose: most, from }, gifts) {
  const given = gifts.filter((gift) => gift.promotion === promotion).map(({ sku }) => sku);
  const item = ({ sku, unit, quantity: count, value }) => {
    const taken = given.includes(sku);
    const next = taken ? given.filter((other) => other !== sku) : [...given, sku].slice(-most);
    return h("li", {}, h("button", { type: "button", class: "gift", id: `gift-${promotion}-${sku}`, "aria-pressed": String(taken), onclick: () => choose(promotion, next) },
      h("span", {}, nameOf(shop.product(sku)?.name, sku)), h("span", {}, `${quantity(count)} ${unit}`), h("s", { class: "was" }, money(value))));
  };
  return [h("h3", {}, titleOf(promotion), h("small", {}, ` ${from.length > most ? t("chooseGifts", { most, count: from.length }) : ""}`)), h("ul", { class: "gifts" }, from.map(item))];
}

const titleOf = (promotion) => nameOf(shop.engine.policy.promotions[promotion], promotion);

/** Without `skus` the default is given again. */
function choose(promotion, skus) {
  const { [promotion]: _, ...gifts } = shop.entered.gifts;
  shop.enter({ ...shop.entered, gifts: skus ? { ...gifts, [promotion]: skus } : gifts });
}
