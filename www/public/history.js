// Past orders: what became of them, and ordering the same again.
import * as api from "./api.js";
import { sumQuantity } from "./digits.js";
import { reasonsIn } from "./checkout.js";
import { h } from "./dom.js";
import { instant, money, nameOf, quantity, t, textOf } from "./i18n.js";
import { returnForm } from "./returns.js";
import { shop } from "./shop.js";

export function history() {
  const body = h("div", { class: "scroll" });
  const node = h("section", { class: "history", "aria-label": t("orders") },
    h("header", {}, h("h2", {}, t("orders")), h("a", { class: "quiet", href: "#" }, t("back"))), body);

  async function open() {
    body.replaceChildren(h("p", { class: "state" }, t("loading")));
    try {
      const { orders } = await api.orders();
      body.replaceChildren(orders.length ? h("ol", { class: "orders" }, orders.map(row)) : h("p", { class: "state" }, t("noOrders")));
    } catch (fault) {
      body.replaceChildren(h("p", { class: "state" }, textOf(`error.${fault.code}`, t("noAnswer")), " ", h("button", { type: "button", class: "quiet", onclick: open }, t("tryAgain"))));
    }
  }

  function row({ number, client_order_id, verdict, now, payable, lines }) {
    const inside = h("div", { class: "inside" });
    return h("li", {}, h("details", {
      ontoggle: async (event) => {
        if (event.target.open && !inside.firstChild) inside.replaceChildren(...await detail(client_order_id));
      },
    }, h("summary", {},
      h("span", { class: "number" }, t("orderNumber", { number })), h("span", { class: `tag ${verdict}` }, t(`state.${verdict}`)),
      h("span", { class: "when" }, `${instant(now)} · ${t("lineCount", { count: lines })}`), h("strong", {}, money(payable))), inside));
  }

  async function detail(id) {
    try {
      const record = await api.order(id);
      const { quote, reasons } = record;
      const reorder = () => {
        // In base units, whatever the order was in: a unit may be gone.
        const sums = new Map();
        for (const { sku, base_quantity } of quote.lines) sums.set(sku, sumQuantity(sums.get(sku) ?? "0", base_quantity));
        shop.replaceAll(sums);
        location.hash = "#order";
      };
      return [...reasonsIn(reasons, quote),
        h("ul", { class: "plain" }, quote.lines.map((line) => h("li", {},
          h("span", {}, nameOf(shop.product(line.sku)?.name, line.sku), h("small", {}, ` ${line.sku}`)), h("span", {}, `${quantity(line.quantity)} ${line.unit}`), h("span", {}, money(line.net))))),
        returnForm(record),
        h("p", {}, h("button", { type: "button", class: "quiet", onclick: reorder }, t("reorder")), h("small", { class: "hash" }, quote.result_hash.slice(0, 12)))];
    } catch (fault) {
      return [h("p", { class: "reason" }, textOf(`error.${fault.code}`, t("noAnswer")))];
    }
  }

  return { node, open };
}
