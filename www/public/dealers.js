// Choosing a sample dealer. The demo signs in without a password and says so.
import * as api from "./api.js";
import { h } from "./dom.js";
import { languageButton, nameOf, t } from "./i18n.js";
import { shop } from "./shop.js";

/** From this many dealers on they are searched. */
const SEARCHED = 12;

const words = (names) => names.map((name) => nameOf(name)).filter(Boolean).join(" · ");

/** What is known of the dealer in words: grade, region, channel. */
export function traits({ grade, region, channel }) {
  const { grades, regions, channels } = shop.engine.policy;
  return words([grades[grade], regions[region], channels[channel]]);
}

/** Asks which dealer; `chosen` runs once signed in. Without `closable` an answer is needed. */
export async function dealerDialog({ closable, chosen }) {
  const list = h("ul", { class: "dealers" });
  const search = h("input", {
    type: "search", autocomplete: "off", spellcheck: "false", hidden: true, placeholder: t("dealerHint"), "aria-label": t("findDealer"),
    oninput: (event) => event.isComposing || narrow(), oncompositionend: () => narrow(),
    onkeydown: (event) => {
      if (event.key === "Enter" && !event.isComposing) list.querySelector("li:not([hidden]) button")?.focus();
    },
  });
  const message = h("p", { class: "reason", role: "status" });
  const dialog = h("dialog", { class: "picker", "aria-labelledby": "picker-title", oncancel: (event) => closable || event.preventDefault(), onclose: () => dialog.remove() },
    h("header", {}, h("h2", { id: "picker-title" }, t("chooseDealer")), closable ? h("button", { type: "button", class: "quiet", "aria-label": t("close"), onclick: () => dialog.close() }, "×") : languageButton(() => {
      dialog.close();
      dealerDialog({ closable, chosen });
    })),
    h("p", { class: "note" }, t("demoSignIn")), h("div", { class: "search" }, search), list, message);
  document.body.append(dialog);
  dialog.showModal();
  try {
    list.append(...(await api.dealers()).map((dealer) => h("li", {}, h("button", { type: "button", class: "dealer", "data-dealer": dealer.id, onclick: () => choose(dealer.id) },
      h("strong", {}, nameOf(dealer.name, dealer.id)), h("span", {}, words(dealer.traits)), h("small", {}, dealer.id)))));
    search.hidden = list.children.length < SEARCHED;
    (search.hidden ? list.querySelector("button") : search)?.focus();
  } catch {
    message.textContent = t("noAnswer");
  }

  /** Leaves the dealers that have every word in what is shown of them. */
  function narrow() {
    const words = search.value.normalize("NFKC").toLowerCase().split(/\s+/);
    let count = 0;
    for (const row of list.children) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
      count += !row.hidden;
    }
    message.textContent = count ? "" : t("noDealerFound");
  }

  async function choose(id) {
    try {
      await api.signIn(id);
    } catch (fault) {
      message.textContent = fault instanceof api.ApiError ? fault.message : t("noAnswer");
      return;
    }
    dialog.close();
    chosen();
  }
}
