// <quantity-field sku="…">: stepper and input of one product, with its fault or cure beside it. Light DOM, so one stylesheet serves.
import { stepQuantity, typedQuantity } from "./digits.js";
import { h, put } from "./dom.js";
import { nameOf, quantity, t, textOf } from "./i18n.js";
import { shop } from "./shop.js";

let count = 0;

class QuantityField extends HTMLElement {
  #item;
  #input;
  #hint;
  #cures;
  #fault = "";

  connectedCallback() {
    if (!this.#input) this.#build();
    shop.addEventListener("change", this);
    shop.addEventListener("words", this);
    this.#follow();
    this.#explain();
  }

  disconnectedCallback() {
    shop.removeEventListener("change", this);
    shop.removeEventListener("words", this);
  }

  handleEvent({ type }) {
    if (type === "words") this.#explain();
    else this.#follow();
  }

  focus() {
    this.#input.focus();
    this.#input.select();
  }

  #build() {
    const item = this.#item = shop.product(this.getAttribute("sku"));
    const hintId = `hint-${count++}`;
    const name = nameOf(item.name, item.sku);
    this.#input = h("input", {
      type: "text", inputmode: /\./.test(item.multiple) ? "decimal" : "numeric", autocomplete: "off", enterkeyhint: "next", maxlength: "24",
      "aria-label": t("quantityOf", { name, unit: item.unit }), "aria-describedby": hintId, placeholder: "0",
      oninput: (event) => event.isComposing || this.#typed(),
      oncompositionend: () => this.#typed(),
      onfocus: () => this.#input.select(),
      onblur: () => this.#fault || this.#follow(true),
      onkeydown: (event) => this.#key(event),
    });
    const step = (up) => h("button", { type: "button", class: "step", "aria-label": t(up ? "more" : "less", { name }), onclick: () => this.#step(up) }, up ? "+" : "−");
    this.#hint = h("p", { class: "hint", id: hintId });
    this.#cures = h("p", { class: "cures" });
    this.append(h("span", { class: "stepper" }, step(false), this.#input, step(true), h("span", { class: "unit" }, item.unit)), this.#hint, this.#cures);
  }

  #key(event) {
    if (event.isComposing) return;
    if (event.key === "Enter") {
      event.preventDefault();
      const fields = [...document.querySelectorAll("quantity-field")].filter((field) => field.offsetParent && field.closest("main > *") === this.closest("main > *"));
      fields[fields.indexOf(this) + (event.shiftKey ? -1 : 1)]?.focus();
    } else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      event.preventDefault();
      this.#step(event.key === "ArrowUp");
    }
  }

  #step(up) {
    this.#set(stepQuantity(shop.lineOf(this.#item.sku)?.quantity ?? "0", up, this.#item), true);
  }

  #typed() {
    this.#set(typedQuantity(this.#input.value) || "0");
  }

  /** A quantity the engine refuses leaves the cart as it was; the fault stands beside the field. */
  #set(value, show = false) {
    this.#fault = "";
    try {
      shop.set(this.#item.sku, value);
      if (show) this.#follow(true);
    } catch (fault) {
      this.#fault = textOf(`fault.${fault.code}`, fault.message);
    }
    this.#explain();
  }

  /** Shows the quantity of the cart, unless someone is typing here or has a fault to mend. */
  #follow(even = false) {
    if (!even && (this.#fault || this.#input === document.activeElement)) return;
    const ordered = shop.lineOf(this.#item.sku)?.quantity ?? "";
    if (this.#input.value === ordered) return;
    this.#fault = "";
    this.#input.value = ordered;
  }

  #explain() {
    const line = shop.lineOf(this.#item.sku);
    const guards = line ? shop.guardsOf(line.id) : [];
    const text = this.#fault || guards.map((guard) => shop.say(guard.path)).join(" ");
    if (text === this.#hint.textContent) return;
    this.#hint.textContent = text;
    const grave = this.#fault !== "" || guards.some((guard) => guard.severity === "block");
    this.#input.setAttribute("aria-invalid", String(grave));
    this.classList.toggle("grave", grave);
    put(this.#cures, this.#fault ? [] : guards.flatMap(curesOf).map((value) => h("button", {
      type: "button", class: "cure",
      onclick: () => {
        this.#set(value, true);
        this.focus();
      },
    }, value === "0" ? t("removeLine") : t("setTo", { quantity: quantity(value), unit: this.#item.unit }))));
  }
}

/** Quantities with which a guard of a line would pass; `"0"` removes the line. */
function curesOf(guard) {
  switch (guard.code) {
    case "QTY_MIN": return [guard.nearest];
    case "QTY_MULTIPLE": return [guard.nearest_down, guard.nearest_up].filter(Boolean);
    case "PRICE_MISSING": return ["0"];
    case "FLOOR": return guard.severity === "block" ? ["0"] : [];
    default: return [];
  }
}

customElements.define("quantity-field", QuantityField);

export const quantityField = (sku) => h("quantity-field", { sku });
