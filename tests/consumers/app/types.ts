// Compiled only: what a strict TypeScript project writes against the package.
import { load, QudaoError, version, type Decimal, type Engine, type Guard, type QuoteInput, type Verdict } from "qudao";
import * as inline from "qudao/inline";
import * as slim from "qudao/slim";

export async function order(bytes: Uint8Array, input: QuoteInput): Promise<Decimal> {
  using engine: Engine = await load(bytes);
  const quote = engine.quote(input);
  for (const line of quote.lines) {
    const unitPrice: Decimal = line.price === null ? "–" : line.price.unit_price;
    console.log(line.id, unitPrice, line.adjustments.map(({ rule, amount }) => `${rule} ${amount}`));
  }
  using cart = engine.session({ dealer: input.dealer, now: input.now });
  cart.set("BCD-520", 12);
  cart.set("BCD-520", "12");
  cart.set("BCD-520", 12n);
  cart.enter({ coupons: ["A"], gifts: { promotion: [] } });
  for (const claim of quote.claims) console.log(claim.kind === "usage" ? claim.times : claim.kind === "registration" || claim.kind === "units" ? claim.quantity : claim.amount);
  for (const rule of quote.rules) if (rule.outcome === "blocked" && rule.by === "limit") console.log(rule.have, rule.most);
  // @ts-expect-error a quantity is not a flag
  cart.set("BCD-520", true);
  cart.redeem("max");
  // @ts-expect-error an amount is text, not a number
  cart.redeem(12);
  const claimed: string[] = cart.quote().claims.flatMap((claim) => (claim.kind === "lot" ? claim.lot : []));
  const absent = engine.explain({ ...input, language: "zh", all: true }).map(({ field, have, need }) => [claimed, field, have, need]);
  console.log(absent, engine.catalog(input).items.every(({ orderable }) => orderable));
  const verdict: Verdict = engine.verify({ ...input, claimed: { result_hash: quote.result_hash, payable: quote.totals.payable } });
  console.log(version(), verdict.verdict, quote.guards.map(cure), cart.changes().removed);
  // @ts-expect-error money is text, not a number
  const wrong: number = quote.totals.payable;
  return wrong === 0 ? "0" : quote.totals.payable;
}

function cure(guard: Guard): string {
  switch (guard.code) {
    case "PRICE_MISSING":
      return guard.line;
    case "QTY_MIN":
      return guard.nearest;
    case "QTY_MULTIPLE":
    case "QTY_STEP":
      return guard.nearest_up;
    case "QTY_MAX":
    case "QTY_PERIOD":
      return guard.nearest ?? guard.line;
    case "FLOOR":
      return guard.short;
    case "ASSORTMENT":
      return guard.state;
    case "TERRITORY":
      return guard.allowed.join();
    case "REDEEM_LIMIT":
      return guard.allowed;
    case "CREDIT_LIMIT":
    case "CREDIT_USED":
      return guard.prepay;
    case "CREDIT_OVERDUE":
      return guard.pay;
    case "APPROVAL":
    case "ORDER_MIN":
      return guard.short;
    case "ORDER_MAX":
      return guard.over;
    case "CORRIDOR":
      return guard.by;
    case "LICENCE":
      return guard.category;
    case "STOCK":
      return guard.nearest ?? guard.line;
    case "DEALER_STATUS":
      return guard.status;
    case "ORDER_SOURCE":
      return guard.allowed.join();
    case "FACTS_STALE":
      return String(guard.age);
  }
}

export const sameEverywhere: (typeof load)[] = [inline.load, slim.load];
export const codeOf = (error: unknown): string => (error instanceof QudaoError ? error.faults.map(({ code }) => code).join() : "?");
// @ts-expect-error engines come from `load`
export const none = new inline.Engine();
