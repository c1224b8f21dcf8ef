// How headquarters graded the dealer: figure by figure, how far the next grade is, and what it would be worth.
import { h } from "./dom.js";
import { language, money, nameOf, t } from "./i18n.js";
import { legend, meter } from "./meter.js";
import { shop } from "./shop.js";

const FULL = "100";  // points

export function gradingPanel() {
  if (!shop.grading) return [];
  const { name, period, kpis, points = [], score, next, says, grade } = shop.grading;
  const { alone = [], needs = [], missing, worth } = next ?? {};
  const nameOfKpi = (id) => nameOf(kpis.find(({ kpi }) => kpi === id)?.name, id);
  return [h("h2", {}, t("grading"), h("small", {}, nameOf(name), ` ${period}`)),
    next && h("p", { class: "delta" }, h("span", {}, grade), " → ", h("strong", {}, next.grade), worth && h("span", { class: worth.gain.startsWith("-") ? "minus" : "plus" }, t("worth", { gain: money(worth.gain), orders: worth.orders }))),
    score && meter([["posted", [], score]], next && /[1-9]/.test(missing) ? [["limit", score, missing]] : [], FULL),
    h("p", { class: "reason" }, says[language]),
    needs.map(({ kpi, have, need }) => h("div", { class: "drawn" }, h("p", { class: "reason" }, t("needed", { name: nameOfKpi(kpi), have: have ?? "?", need })), meter([["cart", [], have ?? "0"]], [["limit", need]]))),
    points.filter(({ weight }) => weight !== null).map(({ kpi, value, points: reached, weight }) => {
      const aim = alone.find(({ kpi: id }) => id === kpi);
      return h("div", { class: "drawn" }, meter([["posted", [], reached ?? "0"]], [], FULL),
        legend([["posted", nameOfKpi(kpi), value ?? "?"], ["none", t("points"), `${(reached ?? "0").replace(/(\.\d\d).*/, "$1")} × ${weight}%`], aim && ["none", t("alone"), aim.value]]));
    })];
}
