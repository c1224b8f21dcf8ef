// <quantity-field sku="…" unit="…">: stepper and input of one product in one of its units, the base unit without one, with its fault or cure beside it. Light DOM, so one stylesheet serves.
import { stepQuantity, typedQuantity } from "./digits.js";
import { h, put } from "./dom.js";
import { nameOf, quantity, t, textOf } from "./i18n.js";
import { shop } from "./shop.js";

/** Steps of a unit that has no rules of its own. */
const ONE_BY_ONE = { min_quantity: "0", multiple: "0" };
let count = 0;

class QuantityField extends HTMLElement {
  #item;
  #unit;
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
    this.#unit = this.getAttribute("unit") ?? item.unit;
    const hintId = `hint-${count++}`;
    const name = nameOf(item.name, item.sku);
    this.#input = h("input", {
      type: "text", inputmode: this.#unit === item.unit && /\./.test(item.multiple) ? "decimal" : "numeric", autocomplete: "off", enterkeyhint: "next", maxlength: "24",
      "aria-label": t("quantityOf", { name, unit: this.#unit }), "aria-describedby": hintId, placeholder: "0",
      oninput: (event) => event.isComposing || this.#typed(),
      oncompositionend: () => this.#typed(),
      onfocus: () => this.#input.select(),
      onblur: () => this.#fault || this.#follow(true),
      onkeydown: (event) => this.#key(event),
    });
    const step = (up) => h("button", { type: "button", class: "step", "aria-label": t(up ? "more" : "less", { name }), onclick: () => this.#step(up) }, up ? "+" : "−");
    this.#hint = h("p", { class: "hint", id: hintId });
    this.#cures = h("p", { class: "cures" });
    this.append(h("span", { class: "stepper" }, step(false), this.#input, step(true), h("span", { class: "unit" }, this.#unit)), this.#hint, this.#cures);
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
    const rules = this.#unit === this.#item.unit ? this.#item : ONE_BY_ONE;
    this.#set(stepQuantity(this.#line()?.quantity ?? "0", up, rules), true);
  }

  #typed() {
    this.#set(typedQuantity(this.#input.value) || "0");
  }

  /** A quantity the engine refuses leaves the cart as it was; the fault stands beside the field. */
  #set(value, show = false) {
    this.#fault = "";
    try {
      shop.set(this.#item.sku, value, this.#unit);
      if (show) this.#follow(true);
    } catch (fault) {
      this.#fault = textOf(`fault.${fault.code}`, fault.message);
    }
    this.#explain();
  }

  /** Shows the quantity of the cart, unless someone is typing here or has a fault to mend. */
  #follow(even = false) {
    if (!even && (this.#fault || this.#input === document.activeElement)) return;
    const ordered = this.#line()?.quantity ?? "";
    if (this.#input.value === ordered) return;
    this.#fault = "";
    this.#input.value = ordered;
  }

  #explain() {
    const line = this.#line();
    const guards = line ? shop.guardsOf(line.id) : [];
    const text = this.#fault || guards.map((guard) => shop.sayGuard(guard)).join(" ");
    if (text === this.#hint.textContent) return;
    this.#hint.textContent = text;
    const grave = this.#fault !== "" || guards.some((guard) => guard.severity === "block");
    this.#input.setAttribute("aria-invalid", String(grave));
    this.classList.toggle("grave", grave);
    const values = this.#fault ? [] : [...new Set(guards.filter((guard) => !guard.in_unit).flatMap(curesOf))];
    // A line in a further unit is told what of that unit passes; where nothing of it does, what passes of the product.
    const inUnit = this.#fault ? [] : guards.filter((guard) => guard.in_unit);
    const ownValues = [...new Set(inUnit.flatMap(({ in_unit: { down, up } }) => [down, up].filter(Boolean)))];
    if (inUnit.length && !ownValues.length) values.push(...new Set(inUnit.flatMap(curesOf)));
    const regions = this.#fault ? [] : [...new Set(guards.flatMap((guard) => (guard.code === "TERRITORY" ? guard.allowed : [])))];
    put(this.#cures,
      values.map((value) => this.#cure(() => this.#take(value), value === "0" ? t("removeLine") : t("setTo", { quantity: quantity(value), unit: this.#item.unit }))),
      ownValues.map((value) => this.#cure(() => this.#set(value, true), t("setTo", { quantity: quantity(value), unit: this.#unit }))),
      regions.map((id) => this.#cure(() => shop.want({ region: id }), t("shipToRegion", { region: nameOf(shop.engine.policy.regions[id], id) }))));
  }

  #cure(take, label) {
    return h("button", {
      type: "button", class: "cure",
      onclick: () => {
        take();
        this.focus();
      },
    }, label);
  }

  /** Quantities of guards are base units of all lines of the product. */
  #take(value) {
    if (value === "0") return this.#set(value, true);
    shop.replaceAll([[this.#item.sku, value]]);
    this.#follow(true);
  }

  #line() {
    return shop.lineOf(this.#item.sku, this.#unit);
  }
}

/** Quantities with which a guard of a line would pass; `"0"` removes the line. */
function curesOf(guard) {
  switch (guard.code) {
    case "QTY_MIN": return [guard.nearest];
    case "QTY_STEP":
    case "QTY_MULTIPLE": return [guard.nearest_down, guard.nearest_up].filter(Boolean);
    case "QTY_MAX":
    case "QTY_PERIOD":
    case "STOCK": return [guard.nearest ?? "0"];
    case "PRICE_MISSING": return ["0"];
    default: return guard.severity === "block" ? ["0"] : [];
  }
}

customElements.define("quantity-field", QuantityField);

/** The field of a product; `unit`: one that is not its base unit. */
export const quantityField = (sku, unit) => h("quantity-field", { sku, unit });
