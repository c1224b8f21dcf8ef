/// <reference lib="esnext.disposable" />

/** An exact decimal as text, never a JavaScript number: `"1299.50"`. Amounts carry the digits of the currency. */
export type Decimal = string;
/** A quantity: an integer, or a decimal as text where the policy has fractional units. A fractional JavaScript number is refused. */
export type Quantity = number | bigint | string;
/** An instant: RFC 3339 with offset, or integer milliseconds since 1970. */
export type Instant = string | number;
/** A name in Chinese and English; an empty text means that there is none. */
export interface Name { zh: string; en: string }

/** What counts against a credit limit. */
export interface CreditAccount {
  limit: Decimal;
  /** From here on the limit counts as 0. */
  expires?: Instant;
  /** Receivables that are open. */
  receivable?: Decimal;
  /** Delivered, not yet invoiced. */
  delivered?: Decimal;
  /** Ordered, not yet delivered. */
  open_orders?: Decimal;
  /** Paid ahead; lowers the exposure. */
  prepaid?: Decimal;
}

/** What the server knows of a dealer at an instant. Unknown fields are refused; your own go under `attributes`. */
export interface DealerFacts {
  schema: 1;
  /** Dealer id. */
  id: string;
  /** When these facts were true. */
  as_of: Instant;
  /** Currency of the amounts; another than the policy's is refused. */
  currency?: string;
  grade?: string;
  region?: string;
  channel?: string;
  /** Group of dealers; with everything above it. */
  group?: string;
  /** Day of the contract, `2025-03-10`: dealers of old contracts may keep an old policy for a time, see `transition` of the answer. */
  contract_date?: string;
  /** The grade that the dealer had before, and since when not any more: for grants of territory that go on for a time. Both or neither. */
  grade_before?: string;
  grade_lost?: Instant;
  /** `hold`: the guard `DEALER_STATUS` bites. Missing: `active`. */
  status?: "active" | "hold";
  /** Licences (经营资质), at most 200; each is for a category with everything inside, until `expires`, exclusive. */
  licences?: { category: string; expires?: Instant }[];
  /** Credit, in the currency of the policy. Without it the credit guards do not run. */
  credit?: CreditAccount & {
    /** The account of the group that the dealer belongs to, with the sums over all its members. Both limits must hold. */
    group?: CreditAccount;
    /** Open items that are overdue, or buckets of them, at most 200. */
    overdue?: { amount: Decimal; days: number }[];
    /** `released`: somebody let the dealer pass, so no credit guard bites, and no `ORDER_MAX`. Missing: `active`. */
    status?: "active" | "released";
  };
  /** Volume of each rebate program and period. A program that is missing here starts at zero. */
  volumes?: {
    program: string;
    /** The period as the program labels it: `2026-11`, `2026-Q4`, `2026-H2` or `2026`, in a fiscal year `FY2026-11`; `W2026-01-05`, `2026-11-01..2026-11-11`, `lifetime`. */
    period: string;
    /** Invoiced. `covered`, where the program `covers` SKUs or categories: base units of each, returns taken off; equal ones add up. */
    posted?: { amount?: Decimal; quantity?: Quantity; covered?: { of: string; quantity: Quantity }[] };
    /** Ordered, not yet invoiced. */
    open?: { amount?: Decimal; quantity?: Quantity; covered?: { of: string; quantity: Quantity }[] };
    /** When the dealer joined the program, where that is inside the period: RFC 3339 with an offset, or milliseconds. For programs that say what the target counts for of such dealers (`joiners`), and for forecasts by days and months, which go by the time since. */
    joined?: string | number;
    /** What the dealer is to reach in the period, for programs against a target. Without it they pay nothing. */
    target?: { amount?: Decimal; quantity?: Quantity };
    /** Volume of the same period of last year, after returns and mergers, for programs against it. */
    last_year?: { amount?: Decimal; quantity?: Quantity };
    /** How much of `last_year` there was at this day of it, for programs that are foreseen by it. */
    last_year_to_date?: { amount?: Decimal; quantity?: Quantity };
    /** What the whole period is expected to come to, where somebody foresees it better than the program does. */
    expected?: { amount?: Decimal; quantity?: Quantity };
    /** Rebate of earlier windows that was too little to be paid, for programs with a `minimum`; may be negative. */
    carried?: Decimal;
    /** What was paid beyond guarantees of earlier windows, for programs with `surplus: carried`; a statement tells it. */
    surplus?: Decimal;
  }[];
  /** Programs that the dealer is in by contract or by choice, for those that ask for it; of programs that are `one_of` a choice, one. At most 500. */
  programs?: string[];
  /** Figures that programs look at, such as a service score, payment days, violations; at most 4 digits after the point. What is missing does nothing. At most 100. */
  kpis?: Record<string, Decimal | number>;
  /**
   * Where the dealer stood in contests (排名赛) as it was published last: his entries of the settlement's `standings.json`, as they are. At most 200.
   * `rank` is `null` who had too little; `lead` what he could lose without being worse than the next one; `ahead` at most 10 ranks before his, each with what of his own volume was missing.
   */
  contests?: {
    contest: string;
    name?: { zh?: string; en?: string };
    program: string;
    period: string;
    as_of: Instant;
    rank?: number | null;
    of: number;
    prize?: Decimal;
    volume: { amount?: Decimal; quantity?: Quantity };
    lead?: { amount?: Decimal; quantity?: Quantity } | null;
    ahead?: { rank: number; prize?: Decimal; gap: { amount?: Decimal; quantity?: Quantity } }[];
  }[];
  /** What promotions with a `limit` used of it before, by promotion: how often they counted, and under `units` and `skus` how many units got them. What is missing did not. At most 500. */
  usage?: Record<string, Used<number> & { /** Of all products. */ units?: Used<Quantity>; /** Of each product, by SKU, at most 500. */ skus?: Record<string, Used<Quantity>> }>;
  /** How many orders the dealer placed before, in all and by source, for conditions on the number of an order. Missing: not known, and no such condition holds. */
  orders?: { count: number; by_source?: Record<string, number> };
  /** What is used of budgets, by budget; of what is missing nothing is. `version` is your own mark of that state and comes back in the claim. At most 200. */
  budgets?: Record<string, { used: Decimal; version?: string }>;
  /** Lots of rebate (返利单) that the dealer holds, at most 1,000. An order uses them in order of `expires`, then `issued`, then `id`. */
  lots?: {
    id: string;
    /** What is left of it. */
    balance: Decimal;
    /** It holds from here on. */
    issued: Instant;
    /** It holds until here, exclusive; missing: for ever. */
    expires?: Instant;
    /** What the invoice shows it as: `payment` (default), or `discount`, which lowers the taxable amount where the policy tells tax. */
    invoice_treatment?: "payment" | "discount";
    /** What it pays for: one of the policy's `redemption`, `scopes`. Missing: whatever lots pay for. */
    scope?: string;
    /** It is a book of vouchers of this value each: only whole ones pay. */
    face?: Decimal;
    /** `one_order`: it pays one order only, and what that does not use is lost. Missing: `orders`. */
    pays?: "orders" | "one_order";
  }[];
  /**
   * What is used of registrations: contracts, quotations and special prices; base units in all and by period, `{ "2026-11": 5 }`. At most 2,000, each number
   * and SKU once.
   */
  registrations?: { registration: string; sku: string; used?: Quantity; periods?: Record<string, Quantity> }[];
  /** Adjustments of a line's price that somebody approved, for this order; `percent` of the list amount. At most 200, each id once. Set them on the server. */
  adjustments?: ({ id: string; line: string; approver: string; reason: string } & ({ amount: Decimal } | { percent: Quantity }))[];
  /** What can be delivered, by SKU and warehouse, at most 20,000 entries; those of one SKU are added. A SKU without an entry is not checked. Gifts of which there is too little are not given. */
  stock?: { sku: string; available: Quantity; warehouse?: string; /** Missing: `as_of` of the facts. */ as_of?: Instant }[];
  /** What the dealer bought, by SKU and period of the policy's `purchase_period` (`2026-11`, `2026-Q4`), in base units and without this order; each once, at most 20,000. */
  bought?: { sku: string; period: string; quantity: Quantity }[];
  /**
   * What the dealer has himself, at most 20,000 entries, each SKU once; the answer's `replenishment` says what to order. Either `reorder_point`, or
   * `daily` (at most 6 digits after the point) and `lead_days`, to which `safety` is added.
   */
  inventory?: { sku: string; on_hand: Quantity; on_order?: Quantity; reorder_point?: Quantity; daily?: Quantity; lead_days?: number; safety?: Quantity; /** Order up to this. */ max: Quantity }[];
  /** Attributes that the policy declares, and fields of your own, which are carried into the hash and not read. Text values. */
  attributes?: Record<string, string>;
}

/** What a scale of prices measures. */
export type ScaleMeasure = "quantity" | "amount" | "weight" | "packs";
/** How the bands of a product's prices hold; see `docs/semantics.md`, 22.5. */
export interface PriceScale {
  mode: "all_units" | "graduated";
  /** Which lines count together. */
  basis: "sku" | "line" | "group" | "order";
  measure: ScaleMeasure;
  /** Unit of the packs. */
  unit: string | null;
  /** What the rest beside whole packs costs more, in percent. */
  broken: Decimal;
  /** Above this there is no price from this table. */
  end: Decimal | null;
}

/** An order is intent only; it never carries a price. */
export interface Order {
  schema: 1;
  /** Where it was placed; let the server set it, rules may depend on it. */
  source?: string;
  /** Another currency than the policy's is refused: nothing is converted. */
  currency?: string;
  /** Region that it is delivered to, missing: the dealer's own; and the end customer, where he is named. */
  ship_to?: ShipTo;
  /** Day for which delivery is requested, `2026-12-01`. A policy with `pricing_date: delivery` looks prices, floors and freight up at its beginning. */
  deliver?: string;
  /** `drop_ship` (一件代发): the brand delivers to `ship_to`. `pick_up`: the dealer `fulfilled_by` hands it over. */
  delivery?: "drop_ship" | "pick_up";
  /** With `pick_up`: id of the dealer who hands it over. */
  fulfilled_by?: string;
  /** How much of it lots of rebate shall pay: an amount, or as much as they may. More than is allowed is cut, and `REDEEM_LIMIT` says so. */
  redeem?: Decimal | "max";
  lines: OrderLine[];
  /** Coupon codes, at most 20, each once; what becomes of each is in the answer's `coupons`. */
  coupons?: string[];
  /** Gifts that the dealer wants, by promotion: SKUs of what it gives, at most as many as it gives; `[]` declines them. Others get the default, see `gift_choices`. */
  gifts?: Record<string, string[]>;
  /** Ids of promotions that the dealer does not want; their outcome is `blocked` by `declined`. An id that declines nothing is no fault. */
  decline?: string[];
  /** Attributes that the policy declares for orders, and fields of your own, which are carried into the hash and not read. Text values. */
  attributes?: Record<string, string>;
}
/** At least one of the two. */
export interface ShipTo { region?: string; customer?: string }
export interface OrderLine {
  /** Unique in the order. Missing: `sku|unit`; lines of equal id are merged before pricing. */
  id?: string;
  sku: string;
  quantity: Quantity;
  /** Unit of measure that `quantity` is in, one of the product's; missing: its base unit. A quantity that is no exact quantity of the base unit is refused (`UNIT_INEXACT`). */
  unit?: string;
  /** Its own end customer, for registered prices; missing: that of `ship_to`. */
  customer?: string;
}
export interface QuoteInput { order: Order; dealer: DealerFacts; now: Instant }

/** The answer. Lines come in the order of the request. */
export interface Quote {
  schema: 1;
  /** Engine version. */
  engine: string;
  /** SHA-256 of the bundle, hex. A slice names the bundle that it is cut from. */
  bundle: string;
  /** The policy that gave the answer: that of the bundle, or the old one of its transition. */
  policy: { id: string; version: string };
  currency: string;
  /** Milliseconds since 1970. */
  now: number;
  /** The requested day of delivery, where prices are those of it and not of `now`. */
  priced_for?: string;
  /** `as_of` of the facts, milliseconds. */
  as_of: number;
  /** Lines that were ordered by an old SKU (`alias`) of a product that is `sku` now, in order of line id; left out where there is none. */
  aliases?: { line: string; alias: string; sku: string }[];
  lines: QuoteLine[];
  /** What delivering the order costs, one line for each table of freight that fits. Only where the policy has freight. */
  freight?: FreightLine[];
  /**
   * Registrations (contracts, quotations, special prices) that were asked for each line: what was left before the line, in base units, `null` without a
   * limit, and what the line takes. Only where the policy has registered tables.
   */
  registrations?: {
    line: string;
    access: string;
    kind: "contract" | "quotation" | "special";
    registration: string;
    approver: string | null;
    unit_price: Decimal;
    per: number;
    left: Decimal | null;
    quantity: Decimal;
  }[];
  /** What became of the facts' `adjustments`, by id; `lost`: what price limits kept. */
  approved: { id: string; line: string; outcome: "applied" | "blocked" | "no_line" | "no_price"; saving: Decimal; lost: Decimal; approver: string; reason: string }[];
  /** `net = list − discount`, `payable = net − redeemed`; with freight, and with tax where it comes on top of the policy's amounts. */
  totals: {
    list: Decimal;
    discount: Decimal;
    net: Decimal;
    /** What lots of rebate pay. */
    redeemed: Decimal;
    payable: Decimal;
    /** What the gifts are worth; no part of the others. */
    gift_value: Decimal;
    /** Sum of the freight lines, less what promotions take off; no part of `list`, `discount` and `net`. Only where the policy has freight. */
    freight?: Decimal;
    /** What promotions take off freight; no part of `discount`. Only where one can. */
    freight_discount?: Decimal;
    /** Sums of the lines' tax, of freight too. Only where the policy tells tax. */
    tax?: Taxed;
  };
  /** Outcome of every promotion whose static conditions hold and that has an eligible line, in running order. */
  rules: RuleOutcome[];
  /** Gifts: given at price 0 beside the lines; they count for nothing and nothing is taken off them. */
  gifts: GiftLine[];
  /** What the order earns for later, points or vouchers by the policy's id of them, in running order; missing where the policy has nothing to earn. The server books it. */
  earned?: { promotion: string; id: string; quantity: number }[];
  /** Promotions that are limited in units: how many of the base units of a line get them, of lines of which not all do. The others cost what they cost without. Only where the policy has such a promotion. */
  limited?: { promotion: string; line: string; quantity: Decimal; of: Decimal }[];
  /** What the gifts are chosen from, for each promotion that gives gifts for this order, or would if they were not declined. */
  gift_offers: { promotion: string; choose: number; from: { sku: string; unit: string; quantity: Decimal; value: Decimal }[] }[];
  /** What became of each choice of gifts, by promotion. */
  gift_choices: {
    promotion: string;
    /** `chosen`: given as chosen. `declined`. `unfit`: the reached step does not give these, so the default is given. `no_gift`: nothing is given, or the promotion is not for this dealer. */
    effect: "chosen" | "declined" | "unfit" | "no_gift";
  }[];
  /** What became of each coupon code, in the order of the request. */
  coupons: CouponUse[];
  /** What this order would use up: usage, then budgets, registrations, approved adjustments, lots. Commit it in the transaction that books the order, or quote again on newer facts. */
  claims: Claim[];
  combination: {
    /** `optimal`: no other combination saves more. `bound`: the step budget ended; none saves more than `bound` on top. */
    proof: "optimal" | "bound";
    bound: Decimal;
    steps: number;
  };
  /** Credit with this order; `null` when the facts carry none. */
  credit: (CreditUse & { group: CreditUse | null; released: boolean }) | null;
  guards: Guard[];
  rebates: RebatePreview[];
  /** What lots of rebate pay, or could; `null` without usable lots and without `redeem` in the order. */
  redemption: Redemption | null;
  /** Whose territory a drop-shipped or picked-up order counts in, and the region that was looked at; `null` for any other. */
  delivery: { kind: "drop_ship" | "pick_up"; fulfilled_by: string | null; counts_for: "seller" | "fulfiller"; region: string | null } | null;
  /** What of the facts' `inventory` should be ordered: `order` units in this order, `suggested` more than it has, in whole packs. */
  replenishment: { sku: string; position: Decimal; reorder_point: Decimal; max: Decimal; order: Decimal; suggested: Decimal }[];
  /** What both policies give while the dealer passes from an old one to a new one (过渡期); `null` for everybody else. */
  transition: Transition | null;
  /** SHA-256 over engine, bundle, order, facts and now. Computed when first read, so read it before the engine is freed. */
  inputs_hash: string;
  /** SHA-256 over figures and allocations. Computed when first read, so read it before the engine is freed. */
  result_hash: string;
}
/** An account with this order. */
export interface CreditUse {
  /** 0 once it has expired. */
  limit: Decimal;
  /** Without this order. */
  used: Decimal;
  /** With it. */
  exposure: Decimal;
  /** Negative when the order goes over the limit. */
  left: Decimal;
  /** Since when the limit has expired, milliseconds. */
  expired: number | null;
}
export interface QuoteLine {
  id: string;
  sku: string;
  /** Unit and quantity as ordered. */
  unit: string;
  quantity: Decimal;
  /** The quantity in the base unit of the product. */
  base_quantity: Decimal;
  /** Base price and where it came from; `null` when no table has one (see the guard `PRICE_MISSING`). */
  price: {
    unit_price: Decimal;
    /** Units that the price is for. */
    per: number;
    /** The unit that it is a price of: the one that is ordered, where the policy has a price for that, else the base unit. */
    unit: string;
    /** Id of the access that gave it. */
    access: string;
    /** Key of the record, in the order of the access's `by`. */
    key: string[];
    /** What the scale of this price measures, and so what `from_quantity` and parts are: a quantity in `unit`, an amount, a weight, packs. */
    measure: ScaleMeasure;
    /** From where on this band of the scale holds. */
    from_quantity: Decimal;
    /** What the record keeps off: every promotion, those of the stage `order`, those that take a coupon. */
    flags: ("no_promotion" | "no_order_promotion" | "no_coupon")[];
    /** Accesses that were searched and have no price for the line. */
    missed: string[];
    /** What other accesses would have asked, where the policy takes the lowest or the highest price; otherwise empty. */
    beaten: { access: string; unit_price: Decimal; per: number }[];
    /**
     * Graduated scales and scales of packs have several prices: what each is for, of all lines that count together; empty otherwise.
     * `part` is rounded down, the amount is not computed from it. `surcharge` is what the rest beside whole packs costs more, in percent.
     */
    bands: { from_quantity: Decimal; part: Decimal; unit_price: Decimal; surcharge: Decimal }[];
    /**
     * Where registrations price a part of the line: what prices each part, in base units, this price the last. Empty where one record prices it whole.
     * Only where the policy has registered tables.
     */
    portions?: { access: string; unit_price: Decimal; per: number; quantity: Decimal; list: Decimal }[];
  } | null;
  /** Without a price: the accesses that were searched. Empty for a product that is hidden from the dealer. */
  missed?: string[];
  /** `round(unit price × quantity / per)`, the quantity in the unit of the price; with `bands` the share of what they come to. */
  list: Decimal;
  /** Steps from list to net: `list − Σ amount = net`. */
  adjustments: { /** The promotion; with `approved` the id of the adjustment. */ rule: string; stage: "approved" | "exclusive" | "line" | "set" | "order" | "coupon" | "always"; amount: Decimal }[];
  net: Decimal;
  /** Least net amount the floor price allows; `null` without a floor. */
  floor: Decimal | null;
  /** The line split over its base units, for returns; sums exactly. One row per group of equal units. Empty for fractional quantities. */
  units: { count: number; list: Decimal; discount: Decimal; net: Decimal }[];
  /** Tax of the net, less what lots pay that the invoice shows as a discount; `rate` in percent, `null` where exempt. `null` without a price. Only where the policy tells tax. */
  tax?: (Taxed & { rate: Decimal | null }) | null;
}
export interface FreightLine {
  /** Id of the table. */
  table: string;
  /** Region of the row; `null`: it is for everywhere. */
  region: string | null;
  /** Weight of the goods in kilograms. */
  weight: Decimal;
  /** Weight and amount of the goods from which the row holds. */
  from_weight: Decimal;
  from_amount: Decimal;
  charge: Decimal;
  /** What promotions take off it, and what is left. Only where one can. */
  adjustments?: { rule: string; amount: Decimal }[];
  net?: Decimal;
  /** Of what is left. Only where the policy tells tax. */
  tax?: Taxed & { rate: Decimal };
}
/** What is used of a limit of a promotion: by this dealer, by all, and by this dealer by period, such as `2026-11`. */
export interface Used<Figure> {
  dealer?: Figure;
  total?: Figure;
  periods?: Record<string, Figure>;
}
/** An amount with and without tax: `gross = base + tax`. */
export interface Taxed {
  /** Without tax (不含税金额). */
  base: Decimal;
  /** The tax (税额). */
  tax: Decimal;
  /** With tax (价税合计). */
  gross: Decimal;
}
/** A dealer of an old contract on the way from an old policy to a new one. */
export interface Transition {
  /** `old`: the old policy as it is. `blend`: unit prices and rebate rates between both. `better_of`: for each order the policy that is better for the dealer. */
  phase: "old" | "blend" | "better_of";
  /** Whose answer this is; in `blend` the side that everything but unit prices and rates comes from. */
  side: "old" | "new";
  /** How much of unit prices and rates is the old policy's: `old` parts of `of`. */
  weight: { old: number; of: number };
  /** Last day of the phase, in `blend` of its present month: `2026-06-30`, in the policy's zone. */
  until: string;
  /** Last day of the transition; after it there is only the new policy. */
  end: string;
  /** What each policy alone gives for this order. */
  old: TransitionSide;
  new: TransitionSide;
  /** The same for each line, in the order of the request; `null` where a policy has no price. */
  lines: { line: string; old: TransitionLine | null; new: TransitionLine | null }[];
}
export interface TransitionSide {
  /** Id of the policy. */
  policy: string;
  version: string;
  net: Decimal;
  payable: Decimal;
  gift_value: Decimal;
  /** What the order adds to rebates, an estimate. */
  rebate: Decimal;
}
export interface TransitionLine { unit_price: Decimal; /** Base units that the price is for. */ per: number; net: Decimal }
export interface Redemption {
  asked: Decimal | "max" | null;
  /** What the policy lets lots pay of the goods with tax, by its share and its other limits. */
  limit: Decimal;
  /** What the usable lots hold together. */
  balance: Decimal;
  /** What the lots can pay of that. */
  allowed: Decimal;
  used: Decimal;
  /** Usable lots in the order in which they are used up. */
  lots: {
    id: string; /** What alone it pays for. */ scope?: string; /** Value of each of its vouchers. */ face?: Decimal; /** Of a lot that pays one order only: what this order leaves of it. */ lapses?: Decimal;
    /** Milliseconds; `null` where it never does. */ expires: number | null; used: Decimal; left: Decimal;
  }[];
  /** What is paid of each line, where it is anything. */
  shares: { line: string; amount: Decimal }[];
}
export type RuleOutcome =
  | { rule: string; outcome: "applied"; saving: Decimal; /** What its gifts count for. */ gift_value: Decimal; times: number; /** What it could not give. */ lost: Decimal; /** Why. */ lost_by: ("limit" | "cap" | "budget" | "floor" | /** Lines cost nothing any more. */ "nothing_left")[]; lines: string[] }
  | { rule: string; outcome: "lost_to"; winner: string; /** What it would have saved alone. */ saving: Decimal; gift_value: Decimal; by: Decimal }
  | { rule: string; outcome: "failed"; /** The parts of its condition that fail, as the policy writes them, then its threshold if it is not reached. */ conditions: FailedCondition[] }
  | { rule: string; outcome: "blocked"; by: "floor" | "nothing_left" | "no_gain" | "declined" | /** None of its gifts can be delivered. */ "stock" }
  | { rule: string; outcome: "blocked"; by: "exclusive"; /** The promotion that combines with no other one. */ winner: string }
  | { rule: string; outcome: "blocked"; by: "not_combined"; /** The promotion that it does not combine with, or that discounted its lines before. */ winner: string }
  | { rule: string; outcome: "blocked"; by: "limit"; limit: "order" | "dealer" | "period" | "total"; have: number; most: number }
  | { rule: string; outcome: "blocked"; by: "limit"; limit: "dealer" | "period" | "total"; /** A limit of units, of all products or of this one. */ of: "units" | "sku"; sku?: string; have: Decimal; most: Decimal }
  | { rule: string; outcome: "blocked"; by: "budget"; budget: string; left: Decimal; amount: Decimal };
/** What a promotion takes and the order does not have; with `not`, what it has and must not have. */
export type FailedCondition =
  | { /** The threshold. */ condition: "amount" | "quantity"; have: Decimal; need: Decimal }
  | { /** What certain lines come to. */ condition: "cart"; measure: "amount" | "quantity" | "skus"; have: Decimal; need: Decimal; not: boolean }
  | { /** Which of the dealer's orders it is. */ condition: "order_number"; /** Only orders from here count. */ source: string | null; /** `null`: not known. */ have: number | null; from: number; to: number | null; not: boolean }
  | { condition: `dealer.${"id" | "grade" | "region" | "channel" | "group" | "contract_date"}` | `dealer.attributes.${string}` | `order.${"delivery" | "day" | "region" | "source"}` | `order.attributes.${string}`; have: string | null; /** Any of these; of numbers and dates ranges, `80 .. 200`; of ids nothing. */ need: string[]; not: boolean };
export type Claim =
  | { kind: "usage"; promotion: string; times: number; /** `2026-11`, where it is limited by periods. */ period?: string }
  | { kind: "units"; promotion: string; /** Where it is limited for each product. */ sku: string | null; /** Base units. */ quantity: Decimal; period: string | null }
  | { kind: "budget"; budget: string; amount: Decimal; /** As the facts gave it. */ version: string | null }
  | { kind: "registration"; registration: string; sku: string; /** Base units. */ quantity: Decimal; /** `2026-11`, where the table has limits by period. */ period: string | null }
  | { kind: "adjustment"; adjustment: string; amount: Decimal }
  | { kind: "lot"; lot: string; amount: Decimal };
export interface GiftLine {
  promotion: string;
  sku: string;
  unit: string;
  quantity: Decimal;
  /** Base price of the gift for this dealer, times the policy's `gift_weight`. */
  value: Decimal;
  chosen: "default" | "order";
}
export interface CouponUse {
  code: string;
  /**
   * `applied`: a promotion of the code is applied. `failed`, `lost_to`, `blocked`: what became of its first one instead; `rules` of the answer has the figures.
   * `no_line`: no line of the order is for it. `not_open`: see `closed_by`. `unknown`: there is no such code for this dealer.
   */
  effect: "applied" | "failed" | "lost_to" | "blocked" | "no_line" | "not_open" | "unknown";
  /** Promotions that the code opened and that have an outcome. */
  rules: string[];
  /** With `not_open`: its validity, the order's source. */
  closed_by?: ("validity" | "source")[];
}
export type Severity = "info" | "warn" | "route" | "block";
/**
 * Of a line in a further unit: its quantity, and the largest smaller and smallest larger one with which its product passes all limits of quantity,
 * the other lines being as they are.
 */
export interface QuantityInUnit { unit: string; have: Decimal; down: Decimal | null; up: Decimal | null }

/**
 * A guard that bites, with what makes it pass. `check` is the id of the policy's entry. `remove`: lines without which it passes, priced anew; `null` where that does not help.
 */
export type Guard =
  | { code: "PRICE_MISSING"; severity: "block"; line: string }
  | { code: "QTY_MIN"; severity: Severity; line: string; have: Decimal; min: Decimal; nearest: Decimal; in_unit?: QuantityInUnit }
  | { code: "QTY_MULTIPLE"; severity: Severity; line: string; have: Decimal; multiple: Decimal; nearest_down: Decimal | null; nearest_up: Decimal; in_unit?: QuantityInUnit }
  /** Between two steps, which are counted from `from`. */
  | { code: "QTY_STEP"; severity: Severity; line: string; have: Decimal; from: Decimal; step: Decimal; nearest_down: Decimal | null; nearest_up: Decimal; in_unit?: QuantityInUnit }
  /** More than one order may have. */
  | { code: "QTY_MAX"; severity: Severity; line: string; have: Decimal; max: Decimal; nearest: Decimal | null; in_unit?: QuantityInUnit }
  /** More than is left of what the dealer may buy in a period; `bought` was true at `as_of`, in milliseconds. */
  | { code: "QTY_PERIOD"; severity: Severity; line: string; have: Decimal; max: Decimal; period: string; bought: Decimal; left: Decimal; as_of: number; nearest: Decimal | null; in_unit?: QuantityInUnit }
  | { code: "FLOOR"; severity: Severity; line: string; net: Decimal; floor: Decimal; short: Decimal }
  /** Under the price that somebody must approve, and not under the floor. */
  | { code: "APPROVAL"; severity: Severity; line: string; net: Decimal; approved: Decimal; short: Decimal }
  /** Too far from the recommended price. `worth`: what the line comes to; `by`: how far it is outside. */
  | { code: "CORRIDOR"; severity: Severity; line: string; check: string; side: "below" | "above"; recommended: Decimal; per: number; worth: Decimal; least: Decimal | null; most: Decimal | null; by: Decimal }
  /** Takes a licence for `category`; `expired`: when the dealer's last one ended, milliseconds, `null` where there never was one. */
  | { code: "LICENCE"; severity: Severity; line: string; check: string; category: string; expired: number | null }
  /** A hidden product has no price and always blocks. */
  | { code: "ASSORTMENT"; severity: Severity; line: string; state: "hidden" | "visible_not_orderable" }
  /** `allowed`: regions of the dealer's own where this line would pass. */
  | { code: "TERRITORY"; severity: Severity; line: string; region: string | null; reason: "exclusive" | "outside" | "ungranted" | "customer"; allowed: string[] }
  /** `nearest`: the most that can be delivered and ordered; `null`: nothing can. `as_of` in milliseconds. */
  | { code: "STOCK"; severity: Severity; line: string; have: Decimal; available: Decimal; short: Decimal; nearest: Decimal | null; as_of: number }
  | { code: "DEALER_STATUS"; severity: Severity; status: "hold" }
  | { code: "ORDER_SOURCE"; severity: Severity; check: string; source: string | null; allowed: string[] }
  /** All in milliseconds. */
  | { code: "FACTS_STALE"; severity: Severity; check: string; as_of: number; age: number; most: number }
  | { code: "ORDER_MIN"; severity: Severity; check: string; measure: "amount" | "quantity"; have: Decimal; need: Decimal; short: Decimal }
  | { code: "ORDER_MAX"; severity: Severity; check: string; payable: Decimal; most: Decimal; over: Decimal; remove: string[] | null }
  | { code: "REDEEM_LIMIT"; severity: Severity; asked: Decimal; /** Used instead. */ allowed: Decimal; by: "share" | "balance" }
  /** What is overdue for more than `days`; `oldest`: days of the oldest of it. Pay `pay` and it passes. */
  | { code: "CREDIT_OVERDUE"; severity: Severity; check: string; days: number; oldest: number; overdue: Decimal; most: Decimal; pay: Decimal }
  /** `percent` of the limit is `most`; prepay `prepay` and it passes. */
  | { code: "CREDIT_USED"; severity: Severity; check: string; percent: string; used_percent: string | null; exposure: Decimal; limit: Decimal; most: Decimal; over: Decimal; prepay: Decimal; remove: string[] | null }
  | { code: "CREDIT_LIMIT"; severity: Severity; of: "dealer" | "group"; exposure: Decimal; payable: Decimal; limit: Decimal; over: Decimal; /** Prepay this much and it passes. */ prepay: Decimal; /** Since when the limit has expired, milliseconds. */ expired: number | null; remove: string[] | null };
export interface RebatePreview {
  program: string;
  period: string;
  /** An estimate: returns, late invoices and payment may change it. `if_paid`: the program counts money that is paid, so the cart counts once it is. */
  label: "estimate" | "if_paid";
  /** Volume in the qualifier's measure. */
  qualifier: "amount" | "quantity";
  /** What the quantities of this program are, where they are not base units. */
  quantity?: "points";
  volume: { posted: Decimal; open: Decimal; cart: Decimal };
  /** What of this cart counts, in both measures. */
  counted: { amount: Decimal; quantity: Decimal; /** Units of each SKU or category, where the program `covers` such; as facts take them. */ covered?: { of: string; quantity: Decimal }[] };
  /** How many different SKUs or categories have units, without this cart and with it. Only where the program `covers` such. */
  covered?: { before: number; after: number };
  /** What it is paid in: a credit note, money, lots, vouchers, a lot for one later order, or goods. */
  form: "credit" | "cash" | "lot" | "voucher" | "next_order" | "goods";
  /** Rebate of the period without this cart, with it, and what the cart adds. */
  before: Decimal;
  after: Decimal;
  delta: Decimal;
  /** Rebate of what is invoiced alone: what a settlement of this instant comes to, without budget, minimum and what was carried. */
  earned: Decimal;
  /** When the window ends, milliseconds; `null` where it does not. */
  ends: number | null;
  /** The delta shared over the lines that count. */
  shares: { line: string; amount: Decimal }[];
  /** Lines of its products that do not count, because of their order or the kind of their price. */
  left_out?: { line: string; by: "order" | "contract" | "quotation" | "special" | "approved" | "no_promotion" }[];
  /** What the dealer's figures do; missing where the program looks at none. `percent` is what is left of the rebate (`gate`, `forfeit`, `multiply`), or points on the rate. */
  modifiers?: { kpi: string; kind: "gate" | "forfeit" | "multiply" | "add" | "deduct"; /** `null`: not known, and without effect. */ value: Decimal | null; percent: Decimal }[];
  /** The program of its overlap that is paid instead. */
  lost_to?: string;
  /** What it needs of another program and does not have: an amount, a quantity, a percentage of its own amount, or a number of different SKUs or categories. Nothing is paid. */
  unmet?: { program: string; need: Decimal; have: Decimal };
  /** Of a basket: what a tier needs beside its volume, which is reached, and does not have. The first such tier above `tier`. */
  lacks?: { program: string; need: Decimal; have: Decimal };
  /** The budget that pays it, where it has one: what was left of it for this program, and what of the rebate it keeps back. */
  budget?: { budget: string; left: Decimal; lost: Decimal };
  /** What is guaranteed, what was paid beyond that before, and what is left of it for this window. Only where the program carries it. */
  guarantee?: { amount: Decimal; surplus: Decimal; least: Decimal };
  /** What is less than `amount` is not paid and carried to the next window: what was carried into this one, and what is short. Only where the program has a minimum. */
  minimum?: { amount: Decimal; carried: Decimal; short: Decimal };
  /** Where it is paid in goods (`sku`) or vouchers: what one counts for, how many whole ones without this cart and with it, and the rest, which is carried. */
  pieces?: { sku?: string; value: Decimal; before: Decimal; after: Decimal; rest: Decimal };
  /** When it is paid, milliseconds, where that is not at the end of the window. */
  due?: number;
  /**
   * An outlook on the end of the window, where the program or the facts have one: the volume expected then, in the qualifier's measure, the rebate on it,
   * the tier that it reaches, and `accrued`, what of that rebate falls on the volume with this cart. `by: "expected"` is what the facts say.
   */
  forecast?: { by: "linear" | "seasonal" | "last_year" | "expected"; volume: Decimal; rebate: Decimal; accrued: Decimal; tier: RebateTier | null };
  /** What each party gets; missing where the dealer gets all. */
  split?: { to: string; before: Decimal; after: Decimal }[];
  /** What the tiers are percentages of; missing where they are volumes. `base` is `null` where the facts have none. */
  against?: "target" | "last_year";
  base?: Decimal | null;
  /** Of a dealer that joined inside the window: the whole target, and that `left` of `of` days or months of it make `base`. */
  joined?: { target: Decimal; left: number; of: number; by: "days" | "months" };
  /** With this cart, the percentage of the target that is reached, or the growth; 2 digits, rounded down. */
  percent?: Decimal | null;
  /** The tier reached with the cart. */
  tier: RebateTier | null;
  /** The next tier: how far it is, and what reaching exactly its start adds to `after`. */
  next: (RebateTier & { gap: Decimal; gain: Decimal | null }) | null;
  /** Where the reached tier pays on all volume: the most that may be returned without falling under it, and what falling costs at least. */
  cliff: { margin: Decimal; loss: Decimal } | null;
  /** Contests that rank by this program in this window; only those of the facts. */
  contests?: Race[];
}
/**
 * What the cart does in a contest, against what was published at `as_of` (milliseconds). `then`, `before` (without this cart) and `after` are the dealer's
 * own volume, as in `volume` of the preview. Of each rank ahead: `gap` as published, what is missing `before` and `after`, and what is `over` it. No rank is foretold.
 */
export interface Race {
  contest: string; name: Name; as_of: number; rank: number | null; of: number; prize: Decimal;
  then: Decimal; before: Decimal; after: Decimal; lead: Decimal | null;
  ahead: { rank: number; prize: Decimal; gap: Decimal; before: Decimal; after: Decimal; over: Decimal }[];
}
/** A tier, as a volume in the qualifier's measure. */
export interface RebateTier {
  /** It holds from here on; or above this. One of both. */
  from?: Decimal;
  above?: Decimal;
  /** What it pays, one of: a percentage of the amount, an amount for every unit, an amount. */
  percent?: Decimal;
  per_unit?: Decimal;
  amount?: Decimal;
  /** The step for which `amount` is paid each time. */
  every?: Decimal;
  /** The percentage of what lies above the tier's start, where it is another one than `percent`. */
  excess?: Decimal;
}

export interface CatalogInput { dealer: DealerFacts; now: Instant; /** As in the order. */ deliver?: string; /** Text in SKU or an old one, name, brand or category, or a category that one lies in. */ find?: string; /** Order source, for offers. */ source?: string; /** End customer for whom registered prices are looked up. */ customer?: string; offset?: number; /** At most 200; default 50. */ limit?: number }
export interface Catalog { total: number; items: CatalogItem[] }
export interface CatalogItem {
  sku: string; name: Name; category: string | null; brand: string | null;
  /** Base unit. Quantities and prices are in it, where nothing else is said. */
  unit: string;
  /** Products that are not for this dealer are left out; `false`: he sees it and may not order it. */
  orderable: boolean;
  min_quantity: Decimal; multiple: Decimal;
  /** Steps from the minimum on, the most in one order and in one period of purchases; where the product has them. */
  step?: Decimal; max_order?: Decimal; max_period?: Decimal;
  /** Own prices by quantity: each with the quantity that it holds from; one entry without a scale. Empty when there is no price. */
  prices: { from_quantity: Decimal; unit_price: Decimal; per: number }[];
  /** How their bands hold; `null` without a price. */
  scale: PriceScale | null;
  /** The access of the first of them. */
  access: string | null;
  /**
   * Registrations (contracts, quotations, special prices) of the product that are for this dealer, or for the end customer who was named, in the order in
   * which they are searched: the price from `from_quantity` on, and the base units that are `left`, `null` without a limit. Only where the policy has such tables.
   */
  registrations?: {
    access: string;
    kind: "contract" | "quotation" | "special";
    registration: string;
    approver: string | null;
    unit_price: Decimal;
    per: number;
    left: Decimal | null;
    from_quantity: Decimal;
  }[];
  /** Further units that it can be ordered in: `count` of it are `base` base units. Own prices of the unit; none where it costs as many base units. */
  units: { unit: string; count: number; base: number; prices: CatalogItem["prices"]; scale: PriceScale | null; access: string | null }[];
  /** Promotions that this product could count for. */
  offers: string[];
}

/** What an order was thought to be; compared with the server's own result. */
export interface Claimed { result_hash: string; payable?: Decimal; lines?: { id: string; net: Decimal }[] }
export interface Verdict {
  verdict: "accept" | "accept_with_changes" | "route" | "reject";
  /** Why, the gravest first. `CHANGED_*` name what differs from the claim. */
  reasons: Reason[];
  /** Guards for which lines were dropped, where the policy says `blocked_lines: drop`; `quote` is of the rest. */
  dropped: Guard[];
  quote: Quote;
}
export type Reason =
  | { code: "CHANGED_RESULT" }
  | { code: "CHANGED_LINE"; line: string; yours: Decimal | null; mine: Decimal | null }
  | { code: "CHANGED_TOTAL"; yours: Decimal; mine: Decimal }
  | { code: Guard["code"]; guard: number };

/** Sentences made from codes and figures; nothing is computed. */
export interface Sentence {
  /** `lines[1].price`, `lines[1].adjustments`, `lines[1].tax`, `rules[2]`, `guards[0]`, `gifts[0]`, `limited[0]`, `coupons[0]`, `rebates[0]`, `redemption`, `freight[0]`, `transition`, `transition.lines[0]`, `totals`; with `all` also `promotions.ID[0]`. */
  path: string;
  code: string;
  text: string;
  /** With `RULE_NOT_BEGUN`, `RULE_PAUSED` (next time) and `RULE_ENDED`, milliseconds: `from`, inclusive, or `to`, exclusive. */
  from?: number;
  to?: number;
  /** With `RULE_CONDITION` and `RULE_EXCEPTED`: what does not hold. `need` is empty for `id`. */
  field?: "id" | "grade" | "region" | "channel" | "group" | "source" | `attributes.${string}`;
  have?: string | null;
  need?: string[];
}

export interface Hints {
  /** The best first, at most 50. */
  hints: Hint[];
  /** For each program what reaches its next tier (`next` of its preview) with the least outlay, in orderable units of a line of the order: hints too, and what brings too little to be one. */
  tiers: Hint[];
  /**
   * What one more pack is worth: of the first 20 lines by id that a program counts, each with the least more that can be ordered, the best first; hints too, and
   * what brings too little to be one. `rebates` of each says what which program adds.
   */
  packs: Hint[];
  /** Changed orders that were priced for them. */
  quotes: number;
  /** Whether the search came to its end within the policy's `hint_quotes`. */
  complete: boolean;
}
/**
 * A change of the order that brings more than it costs. The changed order was priced as any order is: every figure is what it has more (or, negative, less) than the
 * order as it is, and applying the change gives exactly that.
 */
export interface Hint {
  /** `cliff`: more costs less. `set_slot`: pieces of a combo are missing. `amount`, `quantity`: a threshold, or a part of a condition. `skus`: products that a condition misses. `decline`: without the promotion the order is better. `coupon`: a code that the dealer holds. `pack`: one more pack (`packs`). */
  kind: "decline" | "coupon" | "cliff" | "set_slot" | "quantity" | "amount" | "skus" | "rebate_tier" | "pack";
  /** The promotion or program that it is about. */
  promotion: string | null;
  program: string | null;
  change:
    | {
        /** Lines that are to have more, all of them together; never none. */
        lines: {
          /** Id of the line, which may be a new one. */
          line: string;
          sku: string;
          unit: string;
          /** What the line then has, in its unit. */
          quantity: Decimal;
          /** How much more that is. */
          more: Decimal;
        }[];
      }
    | { /** A code to enter. */ coupon: string }
    | { /** A promotion for the order's `decline`. */ decline: string };
  /** Of what is paid, lots of rebate included. */
  outlay: Decimal;
  /** Of what promotions take off. */
  saving: Decimal;
  gift_value: Decimal;
  /** Of what rebate programs add. */
  rebate: Decimal;
  /** Which program adds what of it, where that is not 0. */
  rebates: { program: string; amount: Decimal }[];
  /** Saving, gifts and rebate together. */
  benefit: Decimal;
  list: Decimal;
  /** What one added base unit really costs: outlay less gifts and rebate. `null` where nothing is added, or units of several products. */
  unit_price: Decimal | null;
  /** Gifts that are new or more, by how much. */
  gifts: { promotion: string; sku: string; quantity: Decimal; value: Decimal }[];
  /** Totals of the changed order. */
  totals: Quote["totals"];
  /** All of this in words, if a `language` was given. */
  text?: string;
}

export interface Alternatives {
  /** The order as it is, then others that are worth as much (discount and gifts together); at most 8. */
  alternatives: Alternative[];
  /** Changed orders that were priced for them. */
  quotes: number;
  /** Whether there are no others. */
  complete: boolean;
}
export interface Alternative {
  /** The order's `decline` that chooses this one. */
  decline: string[];
  /** Promotions that take or give something, in running order. */
  applied: string[];
  gifts: GiftLine[];
  totals: Quote["totals"];
}

export interface ReturnInput extends QuoteInput {
  /** What comes back: ids of lines, and how much in the unit of the line. Each line once. */
  lines: { line: string; quantity: Quantity }[];
  /** What came back of the order before. */
  returned?: { line: string; quantity: Quantity }[];
  /** Facts of the same dealer on the day of the return, in which the order is booked. Missing: it is the day of the order, and the facts do not know the order yet. */
  today?: { dealer: DealerFacts; now: Instant };
  /** Adds sentences, as `text`. */
  language?: "zh" | "en";
}
/** What it comes to if units of an order come back, before they do; `docs/semantics.md`, §51. */
export interface ReturnPreview {
  lines: {
    line: string; sku: string; unit: string; quantity: Decimal;
    /** What of the line's figures falls on these units; `value` is the net with tax. */
    list: Decimal; net: Decimal; value: Decimal;
    /** What lots of rebate paid of it; `refund` = `value` − `lots`. */
    lots: Decimal; refund: Decimal;
    /** Of the line's tax. Only where the policy tells tax. */
    tax?: Decimal;
    /** The rows of the unit table that come back. */
    units: QuoteLine["units"];
    text?: string;
  }[];
  /** What goes back into lots: `restored`, or lost by the policy. They hold until `expires`. */
  lots: { id: string; amount: Decimal; restored: boolean; expires: number | null; text?: string }[];
  /** Gifts that must come back, because the rest of the order does not earn them; kept, they cost their value. */
  gifts: { promotion: string; sku: string; unit: string; quantity: Decimal; value: Decimal; text?: string }[];
  /** Programs with what comes back as a negative cart: `clawback` is what they take back. */
  rebates: (RebatePreview & {
    clawback: Decimal;
    /** Tiers that are fallen under, the highest first: `margin` may come back without it, `loss` is what it costs, `null` where that is not known or nothing. */
    falls: (RebateTier & { margin: Decimal; loss: Decimal | null; text?: string })[];
    text?: string;
  })[];
  /** The net of what is left, as it was priced, and as it would be by itself. */
  rest: { net: Decimal; alone: Decimal };
  /** `refund_kept` = `refund` − `charge`: where no gift comes back. */
  totals: { list: Decimal; net: Decimal; value: Decimal; lots: Decimal; refund: Decimal; charge: Decimal; refund_kept: Decimal; clawback: Decimal; tax?: Decimal };
}

/** Ways to pay an order by lots of rebate, the best first; `docs/semantics.md`, §54. */
export interface RedemptionPlans {
  plans: {
    /** For the order's `redeem`: what lots pay then. */
    redeem: Decimal;
    payable: Decimal;
    /** What the order adds to rebates, which is less where lots pay. */
    rebate: Decimal;
    /** What is left of lots that expire by `until`. */
    lost: Decimal;
    /** rebate − payable + what is left of the other lots. */
    worth: Decimal;
    /** The lots that hold now, in the order in which they pay; what is `used` is what the claims of this order's quote say. */
    lots: { id: string; expires: number | null; used: Decimal; left: Decimal; lost: boolean }[];
  }[];
  /** Orders that were priced for them. */
  quotes: number;
  /** Whether the search came to its end within the policy's `hint_quotes`. */
  complete: boolean;
}

/** What the loaded policy calls its parts; a slice knows those that its dealer can meet. */
export interface PolicyInfo {
  id: string; version: string; name: Name; bundle: string; /** Id of the dealer that this slice is cut for; `null` for a whole policy. */ slice_for: string | null;
  engine: string; currency: string; /** Digits of amounts. */ digits: number;
  /** Whether every amount of the policy includes tax; `null` where it tells none. */ tax: "inclusive" | "exclusive" | null;
  zone: string; valid_from: number | null; valid_to: number | null; horizon: number;
  promotions: Record<string, Name>; programs: Record<string, Name>; budgets: Record<string, Name>; freight: Record<string, Name>; accesses: Record<string, Name>;
  /** Numbers of the registrations. */
  registrations: string[];
  grades: Record<string, Name>; regions: Record<string, Name>; channels: Record<string, Name>; dealer_groups: Record<string, Name>; categories: Record<string, Name>; brands: Record<string, Name>;
  /** The trees of regions, groups of dealers and categories: the id above each one that has one above it. */ parents: { regions: Record<string, string>; dealer_groups: Record<string, string>; categories: Record<string, string> };
}

/**
 * Every fault of an input at once. `code` is the contract, `message` is for people. After a fault of an input the engine goes on as before.
 *
 * Codes of inputs and bundles are listed in `docs/errors.md`. What can go wrong around them:
 * - `SOURCE_INVALID`, `SOURCE_FETCH`: `load` was given something that is no source, or that cannot be fetched or read.
 * - `MODULE_INVALID`, `BUNDLE_MISSING`, `ENGINE_VERSION`: a wasm file that is damaged, holds no policy, or an engine of another version than this package.
 * - `COMPILE_REFUSED`: a Content-Security-Policy without `'wasm-unsafe-eval'`, or a runtime where wasm has to be imported; `ENGINE_FETCH`: the engine's file is not served.
 * - `INPUT_UNREADABLE`: a getter or Proxy of the input threw; it is the `cause`.
 * - `FREED`: used after `free()`. `ENGINE_TRAP`: a fault of the engine itself; everything made from that `load` is gone, load again.
 */
export class QudaoError extends Error {
  readonly name: "QudaoError";
  /** Code of the first fault. */
  readonly code: string;
  /** Where in the input, for example `order.lines[3].quantity`. */
  readonly path: string;
  readonly faults: Fault[];
}
export interface Fault { code: string; path: string; /** What was found there. */ value: string; message: string; help: string }

/** A `WebAssembly.Module`; said so loosely because Node's own types do not know it. */
export type CompiledModule = object;
/** Where a policy comes from. A text is an address; Node reads `file:` addresses too. */
export type Source = ArrayBuffer | Uint8Array | Response | URL | string | CompiledModule | PromiseLike<ArrayBuffer | Uint8Array | Response | CompiledModule>;

/**
 * Loads a bundle (`qudao build`), a slice of one (`engine.slice`, `qudao slice`), or one module with engine and policy (`qudao build --wasm`), from bytes, a Response, a URL or a compiled module.
 * Each engine has a memory of its own. In the Workers runtime import the module, `import policy from "./policy.wasm"`: there bytes of wasm are not compiled.
 * @example
 * const engine = await load(await fetch("/policy.qudao"));
 * engine.quote({ order, dealer, now: Date.now() }).totals.payable; // "1299.50"
 * @throws {QudaoError} `BUNDLE_*` when the bytes are not a bundle of this engine.
 */
export function load(source: Source): Promise<Engine>;
/** Version of the engine. */
export function version(): string;

/** One loaded policy. Make one per policy version and keep it; plain data comes out. */
export class Engine {
  private constructor();
  readonly policy: PolicyInfo;
  /** Prices an order. @throws {QudaoError} with every fault of the input. */
  quote(input: QuoteInput): Quote;
  /** The same answer as canonical JSON in UTF-8: equal on every platform, byte for byte. */
  quoteBytes(input: QuoteInput): Uint8Array;
  /** Own prices, units and offers of a dealer; needs no cart. */
  catalog(input: CatalogInput): Catalog;
  /**
   * A bundle of what this dealer can meet, for this dealer's browser: no other dealer's, grade's, region's, channel's or group's prices, promotions, programs or floors.
   * `load` takes it like any bundle; it answers this dealer byte for byte like the whole policy, with the same hashes, at every instant and for every order.
   * Of the facts only `id`, `grade`, `region`, `channel`, `group`, `contract_date`, `grade_before` and the policy's `attributes` count; facts with others are refused by the slice with `SLICE_FOREIGN`.
   * What a slice still shows is in `docs/security.md`.
   * @example
   * return new Response(engine.slice({ dealer })); // at the edge, for the dealer who is signed in
   * @throws {QudaoError} with every fault of the facts.
   */
  slice(input: { dealer: DealerFacts }): Uint8Array;
  /** A cart that stays inside the engine and answers with changes. */
  session(input: { dealer: DealerFacts; now: Instant } & Pick<Order, "source" | "ship_to" | "deliver" | "delivery" | "fulfilled_by" | "attributes">): Session;
  /** The server's decision on an order. */
  verify(input: QuoteInput & { claimed?: Claimed }): Verdict;
  /** Reasons in words. `all` adds every promotion that is not open or has no product in the order, and why. */
  explain(input: QuoteInput & { language: "zh" | "en"; all?: boolean }): Sentence[];
  /** What small changes would bring more than they cost: thresholds nearly reached, cliffs, missing pieces, codes that the dealer holds (`coupons`), promotions better declined. Each prices the order many times: ask when the dealer pauses. */
  hints(input: QuoteInput & { coupons?: string[]; language?: "zh" | "en" }): Hints;
  /** Other combinations of promotions that are worth as much, for the dealer to choose from. */
  alternatives(input: QuoteInput): Alternatives;
  /** What it comes to if units of an order come back: refund, lots, gifts, and what rebate programs take back. @throws {QudaoError} with every fault of the input. */
  returnPreview(input: ReturnInput): ReturnPreview;
  /** How much lots of rebate should pay of an order: `until` is when the dealer orders again, so what expires by then is lost otherwise. Prices the order many times. */
  redemptionPlans(input: QuoteInput & { until: Instant }): RedemptionPlans;
  /** Gives the memory back once its sessions are freed too; harmless twice. Any other call after it throws `FREED`. */
  free(): void;
  [Symbol.dispose](): void;
}

export class Session {
  private constructor();
  /** Sets the quantity of a product in one of its units, the base unit without one; 0 removes it. The line's id is `sku|unit`. @throws {QudaoError} and leaves the cart as it was. */
  set(sku: string, quantity: Quantity, unit?: string): void;
  /** Replaces the coupons, the choices of gifts and the declined promotions; what is left out is none. @throws {QudaoError} and leaves the cart as it was. */
  enter(input: Pick<Order, "coupons" | "gifts" | "decline">): void;
  /** How much lots of rebate shall pay; `null`: nothing. Stays until it is changed. @throws {QudaoError} and leaves the cart as it was. */
  redeem(amount: Decimal | "max" | null): void;
  /** Removes every line and everything that is entered. */
  clear(): void;
  /** The whole quote, equal to `engine.quote` of the same cart. */
  quote(): Quote;
  /** What changed since the last `quote()` or `changes()`: only lines that differ, everything else whole. */
  changes(): QuoteChanges;
  /** Only the totals: the cheapest answer to an edit. What `changes()` compares with stays as it is. */
  totals(): Quote["totals"];
  /** The cart as an order, ready to submit, its lines in the order in which they were added. */
  order(): Order;
  /** Hints for the cart as it is. */
  hints(input?: { coupons?: string[]; language?: "zh" | "en" }): Hints;
  /** Equal alternatives of the cart as it is; `enter` one's `decline` to choose it. */
  alternatives(): Alternatives;
  /** How much lots of rebate should pay of the cart as it is, if the dealer orders again at `until`; `redeem` a plan's to choose it. */
  redemptionPlans(input: { until: Instant }): RedemptionPlans;
  /** Reasons in words for the cart as it is. */
  explain(language: "zh" | "en"): Sentence[];
  free(): void;
  [Symbol.dispose](): void;
}
export interface QuoteChanges extends Omit<Quote, "lines"> {
  /** Lines that are new or differ. */
  lines: QuoteLine[];
  /** Ids of lines that are gone. */
  removed: string[];
}
