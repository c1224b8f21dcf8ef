// Bars: amounts as lengths of one whole, and marks on it. What they come to stands in the text beside them.
import { percentOf, widest } from "./digits.js";
import { h } from "./dom.js";

/** `bars`: a class, the amounts before it and its own; `marks`: a class, and the amounts up to it; `least`: what the whole is at least. */
export function meter(bars, marks = [], least = "0") {
  const whole = widest([least], ...bars.map(([, from, own]) => [...from, own]), ...marks.map(([, ...at]) => at));
  const place = (tag, kind, from, ...own) => {
    const node = h(tag, { class: kind });
    node.style.setProperty("--from", `${percentOf(whole, ...from)}%`);
    node.style.setProperty("--width", `${percentOf(whole, ...own)}%`);
    return node;
  };
  return h("div", { class: "meter", "aria-hidden": "true" }, bars.map(([kind, from, own]) => place("span", kind, from, own)), marks.map(([kind, ...at]) => place("i", kind, at)));
}

/** Amounts one after another. */
export const inRow = (parts) => parts.map(([kind, figure], index) => [kind, parts.slice(0, index).map(([, before]) => before), figure]);

/** What the classes of bars and marks stand for. */
export const legend = (entries) => h("dl", { class: "legend" }, entries.filter(Boolean).map(([kind, name, figure]) => h("div", {}, h("dt", { class: kind }, name), h("dd", {}, figure))));
