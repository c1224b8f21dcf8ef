// A dealer's browser without the page: signs in, prices with the whole policy as the worker does, submits.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { demo, qudao } from "../places.mjs";

/** The policy that the worker uses, loaded here; the page has a slice of it. */
export const engine = await qudao.load(readFileSync(join(demo, "policy.wasm")));

/** Asks as `cookie`; answers with status, headers, text and, where it is JSON, the value. */
export async function ask(origin, path, { cookie, body, headers = {}, ...options } = {}) {
  const response = await fetch(origin + path, {
    ...options, redirect: "manual",
    ...(body !== undefined && { method: "POST", body: typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body) }),
    headers: { ...(body !== undefined && { "content-type": "application/json" }), ...(cookie && { cookie }), ...headers },
  });
  const text = await response.text();
  const value = response.headers.get("content-type") === "application/json" ? JSON.parse(text) : undefined;
  return { status: response.status, headers: response.headers, text, value };
}

/** A signed-in dealer. */
export async function signIn(origin, dealer) {
  const { headers } = await ask(origin, "/api/sign-in", { body: { dealer } });
  const cookie = headers.get("set-cookie").split(";")[0];
  const as = (path, options) => ask(origin, path, { cookie, ...options });
  return {
    cookie, ask: as,
    facts: async () => (await as("/api/facts")).value,
    submit: (body) => as("/api/orders", { body }),
    order: (id) => as(`/api/orders/${id}`),
  };
}

let count = 0;
/** A new client order id. */
export const newId = () => `test-${process.pid}-${++count}-${Math.random().toString(36).slice(2)}`;

/** Prices lines as the page would with these facts: the quote and what to submit. */
export function prepare({ facts, now }, lines, more = {}) {
  const quote = engine.quote({ order: { schema: 1, source: "portal", lines, ...more }, dealer: facts, now });
  const claimed = { result_hash: quote.result_hash, payable: quote.totals.payable, lines: quote.lines.map(({ id, net }) => ({ id, net })) };
  return { quote, body: { client_order_id: newId(), order: { schema: 1, lines, ...more }, claimed } };
}

/** Lines of one product by what the policy makes of them for this dealer; the sample policy may change, the tests stay. */
export function findLines(known) {
  const codes = (lines) => prepare(known, lines).quote.guards.map((guard) => guard.code);
  const of = (sku, quantity) => [{ sku, quantity: String(quantity) }];
  const { items } = engine.catalog({ dealer: known.facts, now: known.now, limit: 200 });
  for (const item of items.filter(({ prices }) => prices.length)) {
    const step = Number(item.multiple) || 1;
    const least = Math.ceil(Math.max(Number(item.min_quantity), 1) / step) * step;
    if (codes(of(item.sku, least)).length || (known.facts.credit && !codes(of(item.sku, least * 20)).every((code) => code === "CREDIT_LIMIT"))) continue;
    return { item, step, least, good: of(item.sku, least), times: (factor) => of(item.sku, least * factor), codes };
  }
}

/** Lines that lots of rebate pay a part of, and that nothing stands against. */
export function findRedeemable(known) {
  const { items } = engine.catalog({ dealer: known.facts, now: known.now, limit: 200 });
  return items.map(({ sku, min_quantity }) => [{ sku, quantity: min_quantity === "0" ? "1" : min_quantity }]).find((lines) => {
    const { claims, guards } = prepare(known, lines, { redeem: "max" }).quote;
    return claims.some(({ kind }) => kind === "lot") && !guards.length;
  });
}

/** Lines that a guard of quantities blocks. */
export function findBlocked(known) {
  const { items } = engine.catalog({ dealer: known.facts, now: known.now, limit: 200 });
  const { sku } = items.find(({ prices, multiple }) => prices.length && Number(multiple) > 1);
  return [{ sku, quantity: "1" }];
}

/** The first sample dealer whose credit is enough for something, what the server knows of it, and what it can order. */
export async function withCredit(origin) {
  for (const { id } of (await ask(origin, "/api/dealers")).value) {
    const dealer = await signIn(origin, id);
    const known = await dealer.facts();
    const found = known.facts.credit && findLines(known);
    if (found) return { dealer, known, found };
  }
  throw new Error("no sample dealer has credit left");
}
