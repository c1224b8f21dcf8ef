// Puts the page together: engine, dealer, views.
import * as api from "./api.js";
import { catalogue } from "./catalogue.js";
import { checkout } from "./checkout.js";
import { dealerDialog, traits } from "./dealers.js";
import { h, put } from "./dom.js";
import { history } from "./history.js";
import { instant, language, languageButton, nameOf, setLanguage, t, textOf } from "./i18n.js";
import { orderPanel } from "./order.js";
import { pasteDialog } from "./paste.js";
import { shop, stored } from "./shop.js";

const FACTS_KEY = "qudao.facts";
/** Facts older than this are read again when the page comes back to the front. */
const FACTS_AGE_MAX = 5 * 60_000;

const app = document.getElementById("app");
/** What the address chooses between, and what follows a change of it. */
let views;

async function boot() {
  setLanguage(language);
  if (typeof WebAssembly === "undefined") return problem(t("noWebAssembly"), "", boot);
  await (stored(FACTS_KEY) ? enter() : signedOut());
}

/** Reads the dealer's facts and slice and opens the shop; without a session asks who it is, without the server uses what was kept. */
async function enter() {
  let answer;
  let offline = false;
  try {
    answer = await api.facts();
  } catch (fault) {
    if (fault.status === 401) return signedOut();
    answer = stored(FACTS_KEY);
    offline = fault instanceof api.NoAnswer;
    if (!offline || !answer) return problem(t("noAnswer"), fault.message, enter);
  }
  try {
    if (answer.slice !== shop.slice) await shop.load();
    shop.open({ ...answer, now: offline ? Date.now() : answer.now }, offline);
  } catch (fault) {
    if (fault.status === 401) return signedOut();
    const title = fault instanceof api.NoAnswer ? t("noAnswer") : fault.code === "COMPILE_REFUSED" ? t("compileRefused") : t("noPolicy");
    return problem(title, textOf(`error.${fault.code}`, fault.message), enter);
  }
  // Kept only together with the slice that they go with.
  if (!offline) localStorage.setItem(FACTS_KEY, JSON.stringify(answer));
  render();
}

/** Reads the facts again and keeps the cart; the page is only built anew when something visible may differ. */
async function refresh() {
  try {
    const answer = await api.facts();
    if (answer.slice !== shop.slice || shop.offline) return enter();
    localStorage.setItem(FACTS_KEY, JSON.stringify(answer));
    shop.open(answer);
  } catch (fault) {
    if (fault.status === 401) signedOut();
  }
}

const signedOut = () => dealerDialog({ closable: false, chosen: enter });

function render() {
  shop.unwatch();
  const { policy } = shop.engine;
  const dealer = shop.facts;
  const { name_zh: zh, name_en: en } = dealer.attributes ?? {};
  const paste = pasteDialog();
  const past = history();
  const { panel, bar, update } = checkout({ settled: refresh, signedOut });

  put(app,
    h("a", { class: "skip", href: "#search", onclick: (event) => focusSearch(event) }, t("skip")),
    h("header", { class: "top" },
      h("h1", { class: "spoken" }, t("title")),
      h("a", { class: "brand", href: "#", "aria-label": t("catalogue") }, h("img", { src: "icon.svg", alt: "", width: "28", height: "28" }), h("span", {}, nameOf(policy.name, policy.id), h("small", {}, t("policyVersion", { version: policy.version })))),
      h("button", { type: "button", class: "who", onclick: () => dealerDialog({ closable: true, chosen: enter }) },
        h("strong", {}, nameOf({ zh, en }, dealer.id)), h("small", {}, traits(dealer))),
      h("a", { class: "quiet", href: "#orders" }, t("orders")),
      languageButton(render)),
    shop.offline && h("p", { class: "banner", role: "status" }, t("offline", { version: policy.version, when: instant(dealer.as_of) }), h("button", { type: "button", class: "quiet", onclick: enter }, t("tryAgain"))),
    h("main", {}, catalogue(), orderPanel({ paste: () => paste.showModal(), refresh, checkout: panel }), past.node),
    h("footer", { class: "foot" }, t("colophon", { engine: policy.engine, version: policy.version, bundle: policy.bundle.slice(0, 12) })),
    bar, paste, h("p", { id: "live", class: "spoken", "aria-live": "polite" }));

  views = { orders: past.open, update };
  view();
}

function view() {
  const name = { "#order": "order", "#orders": "orders" }[location.hash] ?? "catalogue";
  document.body.dataset.view = name;
  if (name === "orders") views.orders();
  views.update();
  scrollTo(0, 0);
}

function focusSearch(event) {
  event.preventDefault();
  if (document.body.dataset.view !== "catalogue") location.hash = "";
  document.getElementById("search").focus();
}

function problem(title, text, again) {
  put(app, h("div", { class: "state", role: "alert" }, h("h1", {}, title), h("p", {}, text), h("button", { type: "button", class: "primary", onclick: again }, t("tryAgain"))));
}

addEventListener("hashchange", () => views && view());
addEventListener("online", () => shop.offline && enter());
document.addEventListener("visibilitychange", () => {
  if (views && !document.hidden && Date.now() - shop.now > FACTS_AGE_MAX) refresh();
});
document.addEventListener("keydown", (event) => {
  if (views && event.key === "/" && !event.target.matches("input, textarea") && !document.querySelector("dialog[open]")) focusSearch(event);
});
boot();
navigator.serviceWorker?.register("sw.js").catch(() => {});  // without it the page works, only not offline
