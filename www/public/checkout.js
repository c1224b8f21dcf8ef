// Totals and submission. What is sent is intent and the claimed result; what comes back is the server's decision, in words.
import { ApiError, submit } from "./api.js";
import { h, put, write } from "./dom.js";
import { money, nameOf, t, textOf } from "./i18n.js";
import { claimOf, shop, stored } from "./shop.js";

/**
 * The totals with their button in the order, and the bar that carries both on a phone.
 * `settled` runs after every decision, so that facts are read again; `signedOut` when the session has ended.
 */
export function checkout({ settled, signedOut }) {
  const figures = Object.fromEntries(["list", "discount", "freight", "tax", "payable"].map((key) => [key, h("dd", {})]));
  const redeemed = h("dd", {});
  const freightRow = h("div", { class: "freight" }, h("dt", {}, t("freight")), figures.freight);
  const taxRow = h("div", { class: "tax" }, h("dt", {}, t(shop.engine.policy.tax === "inclusive" ? "taxInside" : "tax")), figures.tax);
  const useRebates = h("button", { type: "button", class: "quiet", onclick: () => shop.redeem(shop.quote.redemption.asked === null ? "max" : null) });
  const redemptionRow = h("div", { class: "redemption" }, h("dt", {}, useRebates), redeemed);
  const answer = h("div", { class: "answer", role: "status", tabindex: "-1" });
  const button = h("button", { type: "button", class: "primary submit", onclick: () => start() });
  const sum = h("strong", {});
  const saved = h("span", {});
  const go = h("button", { type: "button", class: "primary", onclick: () => (inOrder() ? button.click() : (location.hash = "#order")) });
  const inOrder = () => document.body.dataset.view === "order";
  const blocks = () => shop.quote.guards.filter((guard) => guard.severity === "block");

  function update() {
    const { totals, lines, redemption } = shop.quote;
    redemptionRow.hidden = !redemption || !/[1-9]/.test(redemption.balance);
    useRebates.setAttribute("aria-pressed", String(redemption?.asked != null));
    write(useRebates, redemption ? t("useRebates", { allowed: money(redemption.allowed), balance: money(redemption.balance) }) : "");
    write(redeemed, redemption?.asked == null ? "" : `−${money(totals.redeemed)}`);
    write(figures.list, money(totals.list));
    write(figures.discount, `−${money(totals.discount)}`);
    freightRow.hidden = !shop.quote.freight?.length;
    write(figures.freight, money(totals.freight ?? "0"));
    taxRow.hidden = totals.tax === undefined;
    write(figures.tax, money(totals.tax?.tax ?? "0"));
    write(figures.payable, money(totals.payable));
    const sending = shop.submission.kind === "sending";
    button.disabled = sending || !lines.size || shop.offline;
    write(button, sending ? t("sending") : label());
    write(sum, money(totals.payable));
    write(saved, /[1-9]/.test(totals.discount) ? t("saved", { amount: money(totals.discount) }) : "");
    write(go, inOrder() ? button.textContent : t("viewOrder", { count: lines.size }));
    go.disabled = inOrder() && button.disabled;
  }

  function label() {
    if (shop.offline) return t("offlineSubmit");
    if (blocks().length) return t("fixFirst", { count: blocks().length });
    return t(shop.quote.lines.size && shop.quote.guards.some((guard) => guard.severity === "route") ? "submitForApproval" : "submit");
  }

  function start() {
    const [block] = blocks();
    if (block) return document.querySelector(block.line ? `[data-line="${CSS.escape(block.line)}"] quantity-field` : ".notices .block")?.focus();
    return send({ client_order_id: crypto.randomUUID(), ...shop.intent() });
  }

  /** Sends an order and keeps it until it is answered: sent again after a broken connection, it is still one order. */
  async function send(body) {
    localStorage.setItem(pendingKey(), JSON.stringify(body));
    shop.submission = { kind: "sending" };
    try {
      const decision = await submit(body);
      localStorage.removeItem(pendingKey());
      if (stands(decision)) shop.clear();
      await settled();
      shop.submission = { kind: "decided", decision, body };
    } catch (fault) {
      if (!(fault instanceof ApiError)) {
        shop.submission = { kind: "unanswered", body };
        return;
      }
      localStorage.removeItem(pendingKey());
      shop.submission = { kind: "refused", fault };
      if (fault.status === 401) signedOut();
    }
  }

  function outcome() {
    const { kind, decision, body, fault } = shop.submission;
    switch (kind) {
      case "decided": return decided(decision, body, send);
      case "unanswered": return card("route", t("unanswered"), h("p", {}, t("unansweredText")), action(t("sendAgain"), () => send(body)));
      case "refused": return card("reject", t("refused"), h("p", {}, textOf(`error.${fault.code}`, fault.message)));
      default: return [];
    }
  }

  function show() {
    update();
    put(answer, outcome());
    if (!answer.firstChild) return;
    answer.focus({ preventScroll: true });
    answer.scrollIntoView({ block: "nearest" });
  }

  shop.watch("change", update);
  shop.watch("submission", show);
  const pending = stored(pendingKey());
  if (pending && shop.submission.kind === "idle") shop.submission = { kind: "unanswered", body: pending };
  update();
  put(answer, outcome());
  const panel = h("footer", { class: "checkout" }, answer,
    h("dl", { class: "totals" },
      h("div", {}, h("dt", {}, t("listTotal")), figures.list),
      h("div", { class: "saving" }, h("dt", {}, t("saving")), figures.discount),
      freightRow, taxRow, redemptionRow,
      h("div", { class: "payable" }, h("dt", {}, t("payable")), figures.payable)),
    button);
  const bar = h("nav", { class: "bar", "aria-label": t("payable") }, h("p", {}, sum, saved), go);
  return { panel, bar, update };
}

const card = (kind, title, ...children) => h("div", { class: `verdict ${kind}` }, h("h3", {}, title), children);
const action = (label, onclick) => h("p", {}, h("button", { type: "button", class: "primary", onclick }, label));

/** The order exists: accepted, or waiting for approval. */
const stands = ({ verdict }) => verdict === "accept" || verdict === "route";

function decided(decision, body, send) {
  const { verdict, number, reasons, quote } = decision;
  const payable = money(quote.totals.payable);
  return card(verdict, t(`verdict.${verdict}`),
    stands(decision) && h("p", {}, t("orderNumber", { number }), " · ", payable, " · ", h("a", { href: "#orders" }, t("orders"))),
    droppedIn(decision),
    reasonsIn(reasons, quote),
    verdict === "accept_with_changes" && action(t("resubmit", { payable }), () => (
      send({ client_order_id: crypto.randomUUID(), order: body.order, claimed: claimOf(quote, quote.lines) }))));
}

/** Lines that the policy lets the server leave out, and why. */
const droppedIn = ({ dropped = [] }) => dropped.length > 0 && [
  h("p", {}, t("dropped")), h("ul", { class: "dropped" }, dropped.map(({ line, code, text }) => h("li", {}, text ? nameOf(text, code) : `${line}: ${code}`)))];

const pendingKey = () => `qudao.pending.${shop.facts.id}`;

/** Reasons in words; what differs from the claim as a table of both figures. */
export function reasonsIn(reasons, quote) {
  const skuOf = (id) => quote.lines.find((line) => line.id === id)?.sku ?? id.slice(0, id.lastIndexOf("|"));
  const label = (id) => nameOf(shop.product(skuOf(id))?.name, skuOf(id));
  const figure = (amount) => (amount === null ? "–" : money(amount));
  const sentences = reasons.filter((reason) => reason.text).map((reason) => h("li", {}, nameOf(reason.text, reason.code)));
  const changes = reasons.filter((reason) => "yours" in reason).map((reason) => h("tr", {},
    h("th", { scope: "row" }, reason.line ? label(reason.line) : t("payable")), h("td", {}, figure(reason.yours)), h("td", {}, figure(reason.mine))));
  return [
    sentences.length > 0 && h("ul", {}, sentences),
    changes.length > 0 && h("table", { class: "changes" },
      h("thead", {}, h("tr", {}, h("td", {}), h("th", { scope: "col" }, t("yours")), h("th", { scope: "col" }, t("mine")))), h("tbody", {}, changes)),
  ].filter(Boolean);
}
