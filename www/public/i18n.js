// The language of the page: one dictionary per language, names from the policy, figures by Intl from decimal text.
import { h } from "./dom.js";
import en from "./en.js";
import zh from "./zh.js";

const DICTIONARIES = { zh, en };
const LOCALES = { zh: "zh-CN", en: "en-US" };
const FORMATS = {};

export let language = localStorage.getItem("qudao.language") ?? (navigator.language.startsWith("zh") ? "zh" : "en");

export function setLanguage(next) {
  language = next;
  localStorage.setItem("qudao.language", next);
  document.documentElement.lang = LOCALES[next];
  document.title = t("title");
}

/** Switches to the other language, in whose words it says so; `then` builds the texts anew. */
export function languageButton(then) {
  const other = language === "zh" ? "en" : "zh";
  return h("button", {
    type: "button", class: "quiet language", lang: LOCALES[other], onclick: () => {
      setLanguage(other);
      then();
    },
  }, DICTIONARIES[other].languageName);
}

/** The text of a key, with `{name}` replaced by its value. */
export function t(key, values) {
  const text = DICTIONARIES[language][key];
  return values ? text.replace(/\{(\w+)\}/g, (_, name) => values[name]) : text;
}

/** The text of a key that may be missing, such as one made from an error code. */
export const textOf = (key, otherwise) => DICTIONARIES[language][key] ?? otherwise;

/** A name in the page's language, else in the other one, else the id. */
export function nameOf(name, id) {
  return name?.[language] || name?.zh || name?.en || id || "";
}

/** Currency and time zone of amounts and instants: those of the policy. */
export function formatFor({ currency, zone }) {
  for (const [key, locale] of Object.entries(LOCALES)) {
    const symbol = { style: "currency", currency, currencyDisplay: "narrowSymbol" };
    FORMATS[key] = {
      money: new Intl.NumberFormat(locale, symbol),
      unitPrice: new Intl.NumberFormat(locale, { ...symbol, maximumFractionDigits: 6 }),
      quantity: new Intl.NumberFormat(locale, { maximumFractionDigits: 6 }),
      percent: new Intl.NumberFormat(locale, { style: "unit", unit: "percent", maximumFractionDigits: 4 }),
      instant: new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short", timeZone: zone }),
    };
  }
}

// Intl formats decimal text digit by digit; an amount is never a JavaScript number.
export const money = (text) => FORMATS[language].money.format(text);
export const unitPrice = (text) => FORMATS[language].unitPrice.format(text);
export const quantity = (text) => FORMATS[language].quantity.format(text);
/** Where a band of a scale begins, or a part of it: `measure` says what of. */
export function measured(figure, measure, unit) {
  switch (measure) {
    case "amount": return money(figure);
    case "weight": return `${quantity(figure)} kg`;
    default: return `${quantity(figure)} ${unit}`;
  }
}
export const percent = (text) => FORMATS[language].percent.format(text);
export const instant = (milliseconds) => FORMATS[language].instant.format(milliseconds);
