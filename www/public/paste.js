// Quick order: a pasted list of SKUs and quantities, checked row by row before it enters the cart.
import { sumQuantity, typedQuantity } from "./digits.js";
import { h } from "./dom.js";
import { nameOf, quantity, t, textOf } from "./i18n.js";
import { sameSku, shop } from "./shop.js";

const ROWS_MAX = 2000;

/**
 * Rows of a pasted list: first word the SKU, last word the quantity, between tabs, commas, semicolons or spaces, full-width ones too.
 * A first row without any digit in its last word is a heading.
 */
export function parseList(text) {
  const rows = text.normalize("NFKC").split(/\r?\n/).map((line, index) => ({ row: index + 1, words: line.split(/[\t,;、\s]+/).filter(Boolean) })).filter(({ words }) => words.length);
  if (rows[0]?.words.length > 1 && !/\d/.test(rows[0].words.at(-1))) rows.shift();
  return rows.map(({ row, words }) => ({ row, sku: words[0], quantity: words.length > 1 ? typedQuantity(words.at(-1).replace(/^[x×*]/i, "")) : "" }));
}

/** Each row with its product, or with the fault that keeps it out. */
function checkRows(rows) {
  return rows.map((row) => {
    const product = shop.product(row.sku);
    const fault = !product ? t("fault.SKU_UNKNOWN") : !product.orderable ? t("notOrderable") : !/^\d+(\.\d+)?$/.test(row.quantity) ? t("fault.NUMBER_INVALID") : "";
    return { ...row, product, fault };
  });
}

export function pasteDialog() {
  const preview = h("tbody", {});
  const table = h("table", { class: "rows", hidden: true }, h("thead", {}, h("tr", {}, ["row", "sku", "product", "quantity"].map((key) => h("th", { scope: "col" }, t(key))))), preview);
  const message = h("p", { class: "reason", role: "status" });
  const add = h("button", { type: "button", class: "primary", onclick: apply }, t("addRows", { count: 0 }));
  const area = h("textarea", { rows: "8", id: "list", spellcheck: "false", placeholder: "BCD-520\t12\nKFR-35GW, 20", oninput: (event) => event.isComposing || check(), oncompositionend: () => check() });
  const dialog = h("dialog", { class: "paste", "aria-labelledby": "paste-title" },
    h("form", { method: "dialog" },
      h("header", {}, h("h2", { id: "paste-title" }, t("paste")), h("button", { class: "quiet", "aria-label": t("close") }, "×")),
      h("label", { for: "list" }, t("pasteHint")), area, h("div", { class: "scroll" }, table), message, h("footer", {}, add)));
  let rows = [];

  function check() {
    const parsed = parseList(area.value);
    rows = checkRows(parsed.slice(0, ROWS_MAX));
    table.hidden = !rows.length;
    preview.replaceChildren(...rows.map((row) => h("tr", { class: row.fault && "fault" },
      h("td", {}, String(row.row)), h("td", {}, row.product && !sameSku(row.product, row.sku) && `${row.sku} → `, row.product?.sku ?? row.sku), h("td", {}, row.fault || nameOf(row.product.name, row.sku)), h("td", {}, row.quantity && !row.fault ? quantity(row.quantity) : row.quantity))));
    const good = rows.filter((row) => !row.fault).length;
    add.textContent = t("addRows", { count: good });
    add.disabled = good === 0;
    message.textContent = parsed.length > ROWS_MAX ? t("tooManyRows", { count: ROWS_MAX }) : rows.length > good ? t("rowsWithFault", { count: rows.length - good }) : "";
  }

  /** Rows of one product are summed; the list says the quantity, whatever the cart had. Rows that do not fit stay in the text. */
  function apply() {
    const sums = new Map();
    const names = new Map();
    for (const { sku, product, quantity: typed, fault } of rows) {
      if (fault) continue;
      if (!sameSku(product, sku)) names.set(product.sku, sku);
      sums.set(product.sku, sumQuantity(sums.get(product.sku) ?? "0", typed));
    }
    const faults = shop.replaceAll([...sums].map(([sku, sum]) => [names.get(sku) ?? sku, sum]));
    const left = rows.filter((row) => row.fault || faults.has(names.get(row.product.sku) ?? row.product.sku));
    if (!left.length) {
      area.value = "";
      dialog.close();
      return;
    }
    area.value = left.map((row) => `${row.sku}\t${row.quantity}`).join("\n");
    check();
    const [fault] = faults.values();
    if (fault) message.textContent = textOf(`fault.${fault.code}`, fault.message);
  }

  check();
  return dialog;
}
