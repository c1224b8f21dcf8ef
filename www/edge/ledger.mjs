// The brand's ledger: what the server knows of each dealer, and every decision on an order. One SQLite Durable Object.
//
// A decision re-reads the facts, prices the order with the same engine as the page, compares and stores, all in one synchronous transaction:
// nothing can happen between reading the credit and using it up. Money arithmetic is the engine's; here integers are only added up.
// The whole policy is here and nowhere else; each dealer's page gets a slice of it.
import { DurableObject } from "cloudflare:workers";
import dealers from "./dealers.json";
import grading from "./grading.json";
import { QUANTITY_DIGITS, amount, quantity, units } from "./money.mjs";
import policy from "./policy.wasm";
import { load } from "./qudao/workerd.js";

/** Decisions of one dealer per minute. A person needs a few; this stops a loop. */
const DECISIONS_PER_MINUTE_MAX = 120;
/** Orders in one answer of the list. */
const LIST_MAX = 100;

// `accept` and `route` are orders: they stand, and use up credit and volume. The other verdicts are kept as a record that counts for nothing.
const TABLES = `
  CREATE TABLE IF NOT EXISTS decision (
    number          INTEGER PRIMARY KEY AUTOINCREMENT,
    dealer          TEXT NOT NULL,
    client_order_id TEXT NOT NULL,
    body_hash       TEXT NOT NULL,
    verdict         TEXT NOT NULL CHECK (verdict IN ('accept', 'accept_with_changes', 'route', 'reject')),
    counts          INTEGER GENERATED ALWAYS AS (verdict IN ('accept', 'route')) STORED,
    payable_units   INTEGER NOT NULL,
    -- What replays this decision bit for bit.
    engine          TEXT NOT NULL,
    bundle          TEXT NOT NULL,
    now             INTEGER NOT NULL,
    facts           TEXT NOT NULL,
    order_json      TEXT NOT NULL,
    claimed         TEXT NOT NULL,
    inputs_hash     TEXT NOT NULL,
    result_hash     TEXT NOT NULL,
    answer          TEXT NOT NULL,
    UNIQUE (dealer, client_order_id)
  ) STRICT;
  CREATE INDEX IF NOT EXISTS decision_of_dealer ON decision (dealer, now);
  CREATE TABLE IF NOT EXISTS volume (
    number          INTEGER NOT NULL REFERENCES decision (number),
    dealer          TEXT NOT NULL,
    program         TEXT NOT NULL,
    period          TEXT NOT NULL,
    amount_units    INTEGER NOT NULL,
    quantity_units  INTEGER NOT NULL,
    PRIMARY KEY (dealer, program, period, number)
  ) STRICT, WITHOUT ROWID;
  -- What orders used up of limited promotions (times, and units of all products or of one), of budgets and of dealers' lots of rebate
  -- (units of money); without a product or a period these are ''.
  CREATE TABLE IF NOT EXISTS claim (
    number          INTEGER NOT NULL REFERENCES decision (number),
    dealer          TEXT NOT NULL,
    kind            TEXT NOT NULL CHECK (kind IN ('usage', 'units', 'budget', 'lot')),
    id              TEXT NOT NULL,
    sku             TEXT NOT NULL,
    period          TEXT NOT NULL,
    used            INTEGER NOT NULL,
    PRIMARY KEY (kind, id, sku, number)
  ) STRICT, WITHOUT ROWID;
  -- What orders took of registrations, in base units; without a period it is ''.
  CREATE TABLE IF NOT EXISTS registration (
    number          INTEGER NOT NULL REFERENCES decision (number),
    registration    TEXT NOT NULL,
    sku             TEXT NOT NULL,
    period          TEXT NOT NULL,
    quantity_units  INTEGER NOT NULL,
    PRIMARY KEY (registration, sku, period, number)
  ) STRICT, WITHOUT ROWID;
  -- Approved adjustments that an order has; each is given once.
  CREATE TABLE IF NOT EXISTS adjustment (
    dealer          TEXT NOT NULL,
    id              TEXT NOT NULL,
    number          INTEGER NOT NULL REFERENCES decision (number),
    PRIMARY KEY (dealer, id)
  ) STRICT, WITHOUT ROWID;
`;

export class Ledger extends DurableObject {
  #engine;
  /** By tag of the slice, what a dealer's slice knows by name: cutting one takes its time. */
  #known = new Map();

  constructor(ctx, env) {
    super(ctx, env);
    ctx.storage.sql.exec(TABLES);
    this.#loadEngine();
  }

  /** Requests wait until the engine is there. */
  #loadEngine() {
    this.ctx.blockConcurrencyWhile(async () => {
      this.#engine = await load(policy);
    });
  }

  /** All dealers, with what grade, region and channel are called. */
  dealers() {
    const { grades, regions, channels } = this.#engine.policy;
    return { text: JSON.stringify(dealers.map(({ id, grade, region, channel, attributes = {} }) => (
      { id, name: { zh: attributes.name_zh ?? id, en: attributes.name_en ?? id }, traits: [grades[grade], regions[region], channels[channel]] }
    ))) };
  }

  /** What the server knows of the dealer now, with the instant, the policy it would decide by, and the tag of the slice to price with. */
  async facts(dealer) {
    const { promotions, budgets, registrations } = await this.#knownTo(dealer);
    return this.#answer(() => {
      const now = Date.now();
      const { bundle, version } = this.#engine.policy;
      const facts = this.#facts(dealer, now);
      Object.assign(facts, { usage: among(promotions, facts.usage), budgets: among(budgets, facts.budgets) });
      facts.registrations = facts.registrations.filter(({ registration }) => registrations.includes(registration));
      return { text: JSON.stringify({ now, bundle, version, slice: this.#sliceTag(master(dealer)), facts, grading: gradingOf(dealer) }) };
    });
  }

  /** Promotions, budgets and registrations of the dealer's slice: the page is told of the use of no others, and the answer depends on no others. */
  async #knownTo(dealer) {
    const tag = this.#sliceTag(master(dealer));
    if (!this.#known.has(tag)) {
      const slice = await load(this.#engine.slice({ dealer: master(dealer) }));
      this.#known.set(tag, slice.policy);
      slice.free();
    }
    return this.#known.get(tag);
  }

  /** The dealer's slice of the policy, unless `known` is its tag. */
  slice(dealer, known) {
    return this.#answer(() => {
      const tag = this.#sliceTag(master(dealer));
      return known === tag ? { tag } : { tag, bytes: this.#engine.slice({ dealer: master(dealer) }) };
    });
  }

  /** What a slice depends on: the policy, the engine, and who the dealer is. */
  #sliceTag({ id, grade = "", region = "", channel = "", group = "", contract_date = "" }) {
    const { bundle, engine } = this.#engine.policy;
    return `"${[bundle.slice(0, 32), engine, id, grade, region, channel, group, contract_date].map(encodeURIComponent).join("/")}"`;
  }

  /** Decides on an order, once per client order id; asked again with the same body, it gives the stored answer. */
  async submit(dealer, body) {
    const bodyHash = await sha256(canonical(body));
    return this.#answer(() => this.ctx.storage.transactionSync(() => this.#decide(dealer, body, bodyHash)));
  }

  /** The dealer's orders, latest first. */
  list(dealer) {
    return this.#answer(() => {
      const { digits, currency } = this.#engine.policy;
      const rows = this.#rows(
        `SELECT number, client_order_id, verdict, now, CAST(payable_units AS TEXT) AS payable, json_array_length(order_json, '$.lines') AS lines
         FROM decision WHERE dealer = ? AND counts ORDER BY number DESC LIMIT ?`, dealer, LIST_MAX);
      return { text: JSON.stringify({ orders: rows.map((row) => ({ ...row, currency, payable: amount(row.payable, digits) })) }) };
    });
  }

  /** One decision of the dealer: the order, the answer, and what replays it. */
  read(dealer, clientOrderId) {
    return this.#answer(() => {
      const [row] = this.#rows(
        `SELECT engine, bundle, now, facts, order_json, claimed, inputs_hash, result_hash, answer
         FROM decision WHERE dealer = ? AND client_order_id = ?`, dealer, clientOrderId);
      if (!row) return refusal(404, "ORDER_UNKNOWN", "no such order of this dealer");
      const { facts, order_json, claimed, answer, ...replay } = row;
      return { text: JSON.stringify({
        ...JSON.parse(answer), order: JSON.parse(order_json), replay: { ...replay, dealer: JSON.parse(facts), claimed: JSON.parse(claimed) },
      }) };
    });
  }

  #decide(dealer, { client_order_id, order: intent, claimed }, bodyHash) {
    const [known] = this.#rows("SELECT body_hash, answer FROM decision WHERE dealer = ? AND client_order_id = ?", dealer, client_order_id);
    if (known) {
      return known.body_hash === bodyHash ? { text: known.answer, replayed: true }
        : refusal(409, "CLIENT_ORDER_ID_REUSED", "this client order id was used for another order; take a new one", { path: "client_order_id" });
    }
    const now = Date.now();
    const [{ recent }] = this.#rows("SELECT COUNT(*) AS recent FROM decision WHERE dealer = ? AND now > ?", dealer, now - 60_000);
    if (recent >= DECISIONS_PER_MINUTE_MAX) return refusal(429, "TOO_MANY", "too many orders within a minute", { headers: { "retry-after": "60" } });

    const facts = this.#facts(dealer, now);
    const order = { schema: 1, ...intent, source: "portal" };
    const { verdict, reasons, dropped, quote } = this.#engine.verify({ order, dealer: facts, now, claimed });
    // Where lines were dropped, the answer and its reasons are of the rest.
    const rest = dropped.length ? { ...order, lines: quote.lines.map(({ id, sku, quantity, unit }) => ({ id, sku, quantity, unit })) } : order;
    const [{ number }] = this.#rows(
      `INSERT INTO decision (dealer, client_order_id, body_hash, verdict, payable_units, engine, bundle, now, facts, order_json, claimed, inputs_hash, result_hash, answer)
       VALUES (?, ?, ?, ?, CAST(? AS INTEGER), ?, ?, ?, ?, ?, ?, ?, ?, '') RETURNING number`,
      dealer, client_order_id, bodyHash, verdict, String(units(quote.totals.payable, this.#engine.policy.digits)), quote.engine, quote.bundle, now,
      JSON.stringify(facts), JSON.stringify(order), JSON.stringify(claimed), quote.inputs_hash, quote.result_hash);
    if (verdict === "accept" || verdict === "route") {
      this.#bookVolumes(dealer, number, quote);
      this.#bookClaims(dealer, number, quote);
    }
    const answer = {
      number, client_order_id, verdict, reasons: this.#inWords(reasons, { order: rest, dealer: facts, now }), dropped: this.#droppedInWords(dropped, { order, dealer: facts, now }), quote,
    };
    const text = JSON.stringify(answer);
    this.#rows("UPDATE decision SET answer = ? WHERE number = ?", text, number);
    return { text };
  }

  /** Base facts from the brand's master data, with the orders of this ledger that are not in them yet. */
  #facts(dealer, now) {
    const facts = structuredClone(master(dealer));
    const { digits } = this.#engine.policy;
    facts.as_of = now;
    if (facts.credit) {
      const [{ open }] = this.#rows("SELECT CAST(COALESCE(SUM(payable_units), 0) AS TEXT) AS open FROM decision WHERE dealer = ? AND counts", dealer);
      facts.credit.open_orders = amount(units(facts.credit.open_orders ?? "0", digits) + BigInt(open), digits);
    }
    for (const { program, period, ...sums } of this.#rows(
      `SELECT program, period, CAST(SUM(amount_units) AS TEXT) AS amount, CAST(SUM(quantity_units) AS TEXT) AS quantity
       FROM volume WHERE dealer = ? GROUP BY program, period`, dealer)) {
      facts.volumes ??= [];
      let volume = facts.volumes.find((known) => known.program === program && known.period === period);
      if (!volume) facts.volumes.push(volume = { program, period });
      const { amount: ordered = "0", quantity: pieces = "0" } = volume.open ?? {};
      volume.open = {
        amount: amount(units(ordered, digits) + BigInt(sums.amount), digits),
        quantity: quantity(units(String(pieces), QUANTITY_DIGITS) + BigInt(sums.quantity)),
      };
    }
    for (const { id, used } of this.#rows("SELECT id, CAST(SUM(used) AS TEXT) AS used FROM claim WHERE kind = 'lot' AND dealer = ? GROUP BY id", dealer)) {
      const held = facts.lots?.find((lot) => lot.id === id);
      if (held) held.balance = amount(units(held.balance, digits) - BigInt(used), digits);
    }
    Object.assign(facts, this.#used(dealer), { registrations: this.#registered(facts.registrations) });
    const given = new Set(this.#rows("SELECT id FROM adjustment WHERE dealer = ?", dealer).map(({ id }) => id));
    facts.adjustments = facts.adjustments?.filter(({ id }) => !given.has(id));
    return facts;
  }

  /** What is used of registrations: by the master data, and by all orders. */
  #registered(known = []) {
    const { registrations } = this.#engine.policy;
    const used = structuredClone(known);
    for (const { registration, sku, period, taken } of this.#rows(
      "SELECT registration, sku, period, CAST(SUM(quantity_units) AS TEXT) AS taken FROM registration GROUP BY registration, sku, period")) {
      if (!registrations.includes(registration)) continue;
      let entry = used.find((entry) => entry.registration === registration && entry.sku === sku);
      if (!entry) used.push(entry = { registration, sku });
      const more = (before = "0") => quantity(units(String(before), QUANTITY_DIGITS) + BigInt(taken));
      entry.used = more(entry.used);
      if (period) entry.periods = { ...entry.periods, [period]: more(entry.periods?.[period]) };
    }
    return used;
  }

  /** What all orders used up of promotions and budgets that the policy has; its version is the order that used it last. */
  #used(dealer) {
    const { promotions, budgets, digits } = this.#engine.policy;
    const rows = this.#rows(
      `SELECT kind, id, sku, period, CAST(SUM(used) AS TEXT) AS total, CAST(SUM(used) FILTER (WHERE dealer = ?) AS TEXT) AS own, MAX(number) AS last
       FROM claim WHERE kind <> 'lot' GROUP BY kind, id, sku, period`, dealer);
    const usage = {};
    for (const { kind, id, sku, period, total, own } of rows.filter(({ kind, id }) => kind !== "budget" && Object.hasOwn(promotions, id))) {
      const known = (usage[id] ??= {});
      const used = kind === "usage" ? known : sku ? ((known.skus ??= {})[sku] ??= {}) : (known.units ??= {});
      const shown = kind === "usage" ? Number : quantity;
      const more = (before = 0, figure) => shown(BigInt(figure ?? 0) + (kind === "usage" ? BigInt(before) : units(String(before), QUANTITY_DIGITS)));
      used.dealer = more(used.dealer, own);
      used.total = more(used.total, total);
      if (period && own) used.periods = { ...used.periods, [period]: more(used.periods?.[period], own) };
    }
    const taken = rows.filter(({ kind, id }) => kind === "budget" && Object.hasOwn(budgets, id));
    return { usage, budgets: Object.fromEntries(taken.map(({ id, total, last }) => [id, { used: amount(total, digits), version: String(last) }])) };
  }

  /** What an order uses up. The quote was made of this transaction's own facts, so it never is more than there was. */
  #bookClaims(dealer, number, { claims }) {
    const { digits } = this.#engine.policy;
    for (const claim of claims) {
      if (claim.kind === "registration") {
        this.#rows("INSERT INTO registration VALUES (?, ?, ?, ?, CAST(? AS INTEGER))", number, claim.registration, claim.sku, claim.period ?? "",
          String(units(claim.quantity, QUANTITY_DIGITS)));
        continue;
      }
      if (claim.kind === "adjustment") {
        this.#rows("INSERT INTO adjustment VALUES (?, ?, ?)", dealer, claim.adjustment, number);
        continue;
      }
      const id = claim.promotion ?? claim.budget ?? claim.lot;
      const used = { usage: () => claim.times, units: () => units(claim.quantity, QUANTITY_DIGITS) }[claim.kind] ?? (() => units(claim.amount, digits));
      this.#rows("INSERT INTO claim VALUES (?, ?, ?, ?, ?, ?, CAST(? AS INTEGER))", number, dealer, claim.kind, id, claim.sku ?? "", claim.period ?? "",
        String(used()));
    }
  }

  /** What an order adds to each program. */
  #bookVolumes(dealer, number, { rebates }) {
    const { digits } = this.#engine.policy;
    for (const { program, period, counted } of rebates) {
      this.#rows(
        "INSERT INTO volume VALUES (?, ?, ?, ?, CAST(? AS INTEGER), CAST(? AS INTEGER))", number, dealer, program, period,
        String(units(counted.amount, digits)), String(units(counted.quantity, QUANTITY_DIGITS)));
    }
  }

  /** Reasons of guards with their sentence in both languages; what changed against the claim speaks by its figures. */
  #inWords(reasons, input) {
    if (!reasons.some((reason) => "guard" in reason)) return reasons;
    const [zh, en] = ["zh", "en"].map((language) => new Map(this.#engine.explain({ ...input, language }).map(({ path, text }) => [path, text])));
    return reasons.map((reason) => {
      const path = `guards[${reason.guard}]`;
      return "guard" in reason ? { ...reason, text: { zh: zh.get(path), en: en.get(path) } } : reason;
    });
  }

  /** Guards that dropped lines, with the sentence that the whole order has for them. */
  #droppedInWords(dropped, input) {
    if (!dropped.length) return dropped;
    const guards = this.#engine.quote(input).guards.map(({ code, line }) => `${code} ${line}`);
    const known = dropped.map(({ code, line }) => ({ guard: guards.indexOf(`${code} ${line}`) }));
    return this.#inWords(known, input).map(({ text }, index) => ({ ...dropped[index], text }));
  }

  /** Runs `work`; faults of the order become a refusal, since errors lose their fields on the way out of the object. After a trap the next request gets a new engine. */
  #answer(work) {
    try {
      return work();
    } catch (fault) {
      if (fault.code === "ENGINE_TRAP") this.#loadEngine();
      if (fault.name !== "QudaoError" || fault.code === "ENGINE_TRAP") throw fault;
      return refusal(422, fault.code, fault.message, { path: fault.path, faults: fault.faults });
    }
  }

  #rows(statement, ...values) {
    return this.ctx.storage.sql.exec(statement, ...values).toArray();
  }
}

/** The entries of those ids that are known. */
const among = (known, entries) => Object.fromEntries(Object.entries(entries).filter(([id]) => Object.hasOwn(known, id)));

/** The brand's master data of a dealer. */
const master = (dealer) => dealers.find(({ id }) => id === dealer);

/** What headquarters' grading says of a dealer, and nothing of others. */
function gradingOf(dealer) {
  const { name, period, kpis, proposals } = grading;
  const own = proposals.find((proposal) => proposal.dealer === dealer);
  return own && { name, period, kpis, ...own };
}

function refusal(status, code, message, more) {
  return { refusal: { status, code, message, ...more } };
}

/** JSON with sorted keys: the same body gives the same text, however it was written. */
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return `{${Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join()}}`;
}

async function sha256(text) {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
