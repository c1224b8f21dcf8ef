// The one model behind the page: engine, dealer, cart and the quote of the cart. Prices, totals and reasons are the engine's.
import { load } from "./qudao/browser.js";
import * as api from "./api.js";
import { formatFor, language, nameOf } from "./i18n.js";

/** Products of one catalogue page as the engine gives them. */
const PAGE = 200;
/** Products read ahead for categories and names; larger catalogues are found by search. */
const READ_AHEAD_MAX = 4000;
const SOURCE = "portal";
const NONE = [];
/** No coupons, no choice of gifts, nothing declined. */
const NOTHING = { coupons: [], gifts: {}, decline: [] };
/** Delivered to the dealer's own region, to nobody named, and priced as today. */
const ANYHOW = { region: null, customer: null, deliver: null };
/** Nothing was submitted, or what came of it is past. */
const IDLE = { kind: "idle" };

/** Milliseconds without an edit before the order is priced many times. */
const PAUSE = 350;

/** Events: `submission` when that changes; `change` after every edit, at once, with the ids of lines that differ; `words` in the next frame, when reasons are worth rendering; `pause` when nothing more is edited and hints are worth asking for; `prices` when those of the catalogue may differ. */
class Shop extends EventTarget {
  engine;
  /** Tag of the slice that the engine has loaded. */
  slice;
  /** Facts of the dealer as the server gave them, and when. */
  facts;
  now;
  offline = false;
  /** The quote of the cart; its lines by id. */
  quote;
  /** SKUs of the kept cart that are not to be had any more. */
  lost = [];
  /** Coupons, choices of gifts and declined promotions, as they are sent. */
  entered = NOTHING;
  #submission = IDLE;
  #session;
  /** How much rebates shall pay; stays while the page is open. */
  #redeem = null;
  /** Where, to whom and when the order is wanted; stays while the page is open. */
  wanted = ANYHOW;
  #products = new Map();
  #offeredToAll;
  #guards;
  #sentences;
  #hints;
  #frame;
  #timer;
  #view = new AbortController();

  constructor() {
    super();
    addEventListener("pagehide", () => this.#keep());
  }

  /** Loads the engine with the part of the policy that the dealer who is signed in can meet. */
  async load() {
    const before = this.engine;
    const slice = await api.slice();
    this.engine = await load(slice);
    this.slice = slice.headers.get("etag");
    before?.free();
    formatFor(this.engine.policy);
  }

  /** Opens the shop for a dealer with the facts of `now`, and puts the dealer's cart back. */
  open({ facts, now, grading }, offline = false) {
    this.#keep();
    if (facts.id !== this.facts?.id) [this.#submission, this.#redeem, this.wanted] = [IDLE, null, ANYHOW];
    if (!Object.hasOwn(this.engine.policy.regions, this.wanted.region ?? "")) this.wanted = { ...this.wanted, region: null };
    Object.assign(this, { facts, now, grading, offline });
    this.#session?.free();
    this.#session = this.#newSession();
    this.#session.redeem(this.#redeem);
    this.#readAhead();
    this.lost = stored(this.#cartKey, []).filter(([sku, quantity, unit]) => !this.product(sku)?.orderable || !this.#try(sku, quantity, unit)).map(([sku]) => sku);
    this.entered = NOTHING;
    try {
      const kept = { ...NOTHING, ...stored(this.#enteredKey, NOTHING) };
      this.#session.enter(kept);
      this.entered = kept;
    } catch { /* the policy has other products now */ }
    const before = this.quote?.lines.keys() ?? [];
    const quote = this.#session.quote();
    const lines = new Map(quote.lines.map((line) => [line.id, line]));
    this.#accept({ ...quote, lines }, [...new Set([...before, ...lines.keys()])]);
  }

  /** Listens until the views are built anew. */
  watch(type, listener) {
    this.addEventListener(type, listener, { signal: this.#view.signal });
  }

  /** Lets go of everything that watches. */
  unwatch() {
    this.#view.abort();
    this.#view = new AbortController();
    this.#pauseLater();
  }

  /** What became of the last submission: `idle`, `sending`, `decided`, `refused` or `unanswered`. Here and not in a view, because views are built anew. */
  get submission() {
    return this.#submission;
  }

  set submission(submission) {
    this.#submission = submission;
    this.dispatchEvent(new Event("submission"));
  }

  get lines() {
    return [...this.quote.lines.values()];
  }

  /** The line of a product in one of its units, the base unit without one. */
  lineOf(sku, unit = this.product(sku)?.unit) {
    return this.quote.lines.get(`${sku}|${unit}`);
  }

  /** The lines of a product, in whatever units. */
  linesOf(sku) {
    return this.lines.filter((line) => line.sku === sku);
  }

  /** What stands against a line, and against the order as a whole (`undefined`); `path` leads to the words. */
  guardsOf(lineId) {
    if (!this.#guards) {
      this.#guards = new Map();
      for (const [index, guard] of this.quote.guards.entries()) {
        this.#guards.set(guard.line, [...(this.#guards.get(guard.line) ?? []), { ...guard, path: `guards[${index}]` }]);
      }
    }
    return this.#guards.get(lineId) ?? NONE;
  }

  /** The catalogue entry of a SKU, written in any case, or of an old one. */
  product(sku) {
    if (!this.#products.has(sku)) {
      const { items } = this.#page({ find: sku });
      this.#products.set(sku, items.find((item) => sameSku(item, sku)) ?? (items.length ? this.#alias(sku) : undefined));
    }
    return this.#products.get(sku);
  }

  /** What an old SKU stands for now, as the engine says of lines. */
  #alias(sku) {
    const probe = this.#newSession();
    try {
      probe.set(sku, "1");
      const [old] = probe.quote().aliases ?? NONE;
      return old && this.product(old.sku);
    } catch { /* no SKU at all */ } finally {
      probe.free();
    }
  }

  /** That a line was ordered by an old SKU. */
  sayAlias(id) {
    const at = this.quote.aliases?.findIndex(({ line }) => line === id) ?? -1;
    return at < 0 ? "" : this.say(`aliases[${at}]`);
  }

  /** All regions of the policy: as a tree from the top, siblings by name. */
  get regions() {
    const { regions, parents } = this.engine.policy;
    return treeOf(Object.keys(regions), regions, parents.regions);
  }

  /** Categories with something to order in them or below them: as a tree from the top, siblings by name. */
  get categories() {
    const { categories, parents } = this.engine.policy;
    return treeOf([...this.#products.values()].filter((item) => item?.category && item.prices.length).map((item) => item.category), categories, parents.categories);
  }

  /** Products that match, page by page as they are asked for. What has no price for this dealer is found by search only. */
  *products(find, category) {
    for (let offset = 0, total = 1; offset < total; offset += PAGE) {
      const page = this.#page({ find, offset });
      total = page.total;
      for (const item of page.items) if ((find || item.prices.length) && (!category || this.#within(item.category, category))) yield item;
    }
  }

  /** Promotions of a product that not every product has. */
  offersOf({ offers }) {
    return offers.filter((id) => !this.#offeredToAll.has(id));
  }

  /** Sets a quantity in a unit of the product, the base unit without one. @throws {QudaoError} and leaves the cart as it was. */
  set(sku, quantity, unit) {
    this.#session.set(sku, quantity, unit);
    this.#changed();
  }

  /** Makes quantities in base units all that is ordered of these products. Returns the faults by SKU. */
  replaceAll(entries) {
    const given = new Set([...entries].map(([sku]) => this.product(sku)?.sku));
    const others = this.lines.filter(({ sku, unit }) => given.has(sku) && unit !== this.product(sku)?.unit);
    return this.setAll([...others.map(({ sku, unit }) => [sku, "0", unit]), ...entries]);
  }

  /** Takes lines out of the cart. */
  remove(ids) {
    this.setAll(ids.flatMap((id) => this.quote.lines.get(id) ?? []).map(({ sku, unit }) => [sku, "0", unit]));
  }

  /** Sets many quantities and answers once. Returns the faults by SKU. */
  setAll(entries) {
    const faults = new Map();
    for (const [sku, quantity, unit] of entries) this.#try(sku, quantity, unit, (fault) => faults.set(sku, fault));
    this.#changed();
    return faults;
  }

  /** Replaces coupons, choices of gifts and declined promotions. @throws {QudaoError} and leaves the cart as it was. */
  enter(entered) {
    this.#session.enter(entered);
    this.entered = entered;
    this.#changed();
  }

  /** How much lots of rebate shall pay: an amount, `"max"` or `null`. */
  redeem(amount) {
    this.#redeem = amount;
    this.#session.redeem(amount);
    this.#changed();
  }

  /** Changes where, to whom or when the order is wanted. @throws {QudaoError} and leaves everything as it was. */
  want(change) {
    const before = this.wanted;
    this.wanted = { ...before, ...change };
    try {
      this.#newSession().free();
    } catch (fault) {
      this.wanted = before;
      throw fault;
    }
    this.#pastDecision();
    this.open(this, this.offline);
    this.dispatchEvent(new Event("prices"));
  }

  clear() {
    this.#session.clear();
    this.entered = NOTHING;
    this.#changed();
  }

  /** What is submitted: intent, and what this page took the result to be. */
  intent() {
    const { lines, coupons, gifts, decline, redeem, ship_to, deliver } = this.#session.order();
    return { order: { schema: 1, lines, coupons, gifts, decline, ...(redeem && { redeem }), ...(ship_to && { ship_to }), ...(deliver && { deliver }) }, claimed: claimOf(this.quote, this.lines) };
  }

  /** What small changes would bring; prices the order many times, so not with every edit. */
  hints() {
    if (this.#hints?.language !== language) this.#hints = { language, ...this.#session.hints({ language }) };
    return this.#hints;
  }

  /** The least that reaches the next tier of a program, where hints were asked for since the last edit. */
  get tiers() {
    return (this.#hints?.language === language && this.#hints.tiers) || NONE;
  }

  /** What one more pack of a line brings, the best first. */
  get packs() {
    return (this.#hints?.language === language && this.#hints.packs) || NONE;
  }

  /** How much lots should pay of the order, if the next one comes at `until`; the best first. */
  plans(until) {
    return this.#session.redemptionPlans({ until }).plans;
  }

  /** What the order can be without being worth less, as it is first. */
  alternatives() {
    return this.quote.rules.some(({ winner }) => winner) ? this.#session.alternatives().alternatives : NONE;
  }

  /** A guard in words; one that has none, as its code. */
  sayGuard({ path, code }) {
    return this.say(path) || code;
  }

  /** The sentence at a path of the quote, in the page's language. */
  say(path) {
    if (this.#sentences?.language !== language) {
      this.#sentences = { language, texts: new Map(this.#session.explain(language).map((sentence) => [sentence.path, sentence.text])) };
    }
    return this.#sentences.texts.get(path) ?? "";
  }

  /** All sentences whose path begins so, but one. */
  sayAll(prefix, but) {
    this.say(prefix);
    return [...this.#sentences.texts].flatMap(([path, text]) => (path.startsWith(prefix) && path !== but ? text : []));
  }

  #within(category, outer) {
    const above = this.engine.policy.parents.categories;
    for (let at = category; at; at = above[at]) if (at === outer) return true;
    return false;
  }

  #readAhead() {
    this.#products = new Map();
    for (let offset = 0, total = 1; offset < Math.min(total, READ_AHEAD_MAX); offset += PAGE) {
      const page = this.#page({ offset });
      total = page.total;
      for (const item of page.items) this.#products.set(item.sku, item);
    }
    const offers = [...this.#products.values()].map((item) => item.offers);
    this.#offeredToAll = new Set(offers[0]?.filter((id) => offers.every((list) => list.includes(id))));
  }

  #page({ find, offset }) {
    return this.engine.catalog({ dealer: this.facts, now: this.now, source: SOURCE, ...this.#day, ...this.#customer, find: find || undefined, offset, limit: PAGE });
  }

  #newSession() {
    const ship_to = Object.fromEntries(["region", "customer"].map((key) => [key, this.wanted[key]]).filter(([, value]) => value));
    return this.engine.session({ dealer: this.facts, now: this.now, source: SOURCE, ...this.#day, ...(Object.keys(ship_to).length && { ship_to }) });
  }

  get #day() {
    const { deliver } = this.wanted;
    return deliver && { deliver };
  }

  get #customer() {
    const { customer } = this.wanted;
    return customer && { customer };
  }

  #try(sku, quantity, unit, refused = () => {}) {
    try {
      this.#session.set(sku, quantity, unit);
      return true;
    } catch (fault) {
      refused(fault);
      return false;
    }
  }

  /** A decision is about the cart as it was. */
  #pastDecision() {
    if (this.#submission.kind === "decided" || this.#submission.kind === "refused") this.submission = IDLE;
  }

  #changed() {
    this.#pastDecision();
    const changes = this.#session.changes();
    const { lines } = this.quote;
    for (const id of changes.removed) lines.delete(id);
    for (const line of changes.lines) lines.set(line.id, line);
    this.#accept({ ...changes, lines }, [...changes.removed, ...changes.lines.map((line) => line.id)]);
  }

  /** Keeps the cart for the next visit. */
  #keep() {
    if (!this.facts) return;
    localStorage.setItem(this.#cartKey, JSON.stringify(this.lines.map((line) => [line.sku, line.quantity, line.unit])));
    localStorage.setItem(this.#enteredKey, JSON.stringify(this.entered));
  }

  #accept(quote, changed) {
    this.quote = quote;
    this.#guards = this.#sentences = this.#hints = undefined;
    this.#pauseLater();
    this.dispatchEvent(new CustomEvent("change", { detail: changed }));
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = undefined;
      this.#keep();
      this.dispatchEvent(new Event("words"));
    });
  }

  #pauseLater() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.dispatchEvent(new Event("pause")), PAUSE);
  }

  get #cartKey() {
    return `qudao.cart.${this.facts.id}`;
  }

  get #enteredKey() {
    return `qudao.entered.${this.facts.id}`;
  }
}

/** SKUs are written in any case. */
export const sameSku = (item, sku) => item.sku.toUpperCase() === sku.toUpperCase();

/** Ids and all above them: as a tree from the top, siblings by name. */
function treeOf(ids, names, parents) {
  const below = new Map();
  const add = (id) => {
    const above = parents[id];
    const siblings = below.get(above) ?? below.set(above, new Set()).get(above);
    if (siblings.has(id)) return;
    siblings.add(id);
    if (above) add(above);
  };
  ids.forEach(add);
  const named = ([...ids]) => ids.map((id) => ({ id, name: nameOf(names[id], id) })).sort((a, b) => a.name.localeCompare(b.name, language));
  const from = (above, depth) => named(below.get(above) ?? []).flatMap(({ id, name }) => [{ id, name, depth }, ...from(id, depth + 1)]);
  return from(undefined, 0);
}

/** The claim that goes with an order: what the result was taken to be. */
export function claimOf({ result_hash, totals }, lines) {
  return { result_hash, payable: totals.payable, lines: lines.map(({ id, net }) => ({ id, net })) };
}

/** JSON kept in this browser, or `otherwise`. */
export function stored(key, otherwise) {
  try {
    return JSON.parse(localStorage.getItem(key)) ?? otherwise;
  } catch {
    return otherwise;
  }
}

export const shop = new Shop();
