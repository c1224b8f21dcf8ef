import { quoteFrom } from "./answer.js";
import { compile, isWasm } from "./compile.js";
import { failure } from "./errors.js";
import { pack, text } from "./input.js";
import { Inside, instantiate } from "./instance.js";
import { read } from "./source.js";
import { VERSION } from "./version.js";

// Missing in WebKit, where the helpers of compilers look for the registered one.
const DISPOSE = Symbol.dispose ?? Symbol.for("Symbol.dispose");

export function version() {
  return VERSION;
}

/** `load` of every entry; they differ only in how they come by the engine's own module. */
export async function loadWith(engineModule, source) {
  const { module, bundle } = await unpack(engineModule, await read(source));
  return new Engine(await instantiate(module, bundle));
}

/** A bundle goes into the package's own engine; a module that holds a policy is its own engine. */
async function unpack(engineModule, { module, bytes }) {
  if (bytes && !isWasm(bytes)) return { module: await engineModule(), bundle: bytes };
  module ??= await compile(bytes);
  const [bundle] = WebAssembly.Module.customSections(module, "qudao.bundle");
  if (bundle === undefined) throw failure("BUNDLE_MISSING", "the module holds no policy", "make it with `qudao build --wasm`");
  return { module, bundle: new Uint8Array(bundle) };
}

/** A quote that `inside` answers through `door`; `texts` are those of the bundle that were asked for before, by their number. */
function ask(inside, texts, door, input, hashes) {
  const text = inside.ask(door, input);
  return quoteFrom(text, inside.call("words"), (id) => (texts[id] ??= inside.call("text", id)), hashes);
}

export class Engine {
  #inside;
  #texts = [];
  // Numbers of those SKUs that were ordered before and exist.
  #products = new Map();

  constructor(inside) {
    if (!(inside instanceof Inside)) throw new TypeError("an Engine is made by `load`");
    this.#inside = inside;
    this.policy = JSON.parse(inside.ask("Policy"));
  }

  quote(input) {
    const inside = this.#inside;
    const packed = pack(input, "", (sku) => this.#number(sku));
    return ask(inside, this.#texts, "Columns", packed, () => JSON.parse(inside.ask("Hashes", packed)));
  }

  #number(sku) {
    let number = this.#products.get(sku);
    if (number === undefined) {
      number = this.#inside.call("product", sku);
      if (number >= 0) this.#products.set(sku, number);
    }
    return number;
  }

  quoteBytes(input) {
    return new TextEncoder().encode(this.#inside.ask("Quote", pack(input)));
  }

  catalog(input) {
    return JSON.parse(this.#inside.ask("Catalog", pack(input)));
  }

  verify(input) {
    return JSON.parse(this.#inside.ask("Verify", pack(input)));
  }

  explain(input) {
    return JSON.parse(this.#inside.ask("Explain", pack(input)));
  }

  hints(input) {
    return JSON.parse(this.#inside.ask("Hints", pack(input)));
  }

  alternatives(input) {
    return JSON.parse(this.#inside.ask("Alternatives", pack(input)));
  }

  returnPreview(input) {
    return JSON.parse(this.#inside.ask("Returns", pack(input)));
  }

  redemptionPlans(input) {
    return JSON.parse(this.#inside.ask("Plans", pack(input)));
  }

  slice(input) {
    return this.#inside.call("slice", pack(input));
  }

  session(input) {
    return new Session(this.#inside.open("session", pack(input)), this.#texts);
  }

  free() {
    this.#inside.free();
  }

  [DISPOSE]() {
    this.free();
  }
}

export class Session {
  #inside;
  #texts;

  constructor(inside, texts) {
    if (!(inside instanceof Inside)) throw new TypeError("a Session is made by `engine.session`");
    this.#inside = inside;
    this.#texts = texts;
  }

  set(sku, quantity, unit = "") {
    const product = text(sku, "sku");
    this.#inside.ask("Set", text(unit, "unit") === "" ? product : `${product}\n${unit}`, pack(quantity, "quantity"));
  }

  enter(input) {
    this.#inside.ask("Enter", pack(input));
  }

  redeem(amount) {
    this.#inside.ask("Redeem", pack(amount, "redeem"));
  }

  clear() {
    this.#inside.ask("Clear");
  }

  quote() {
    return this.#answer("Columns");
  }

  changes() {
    return this.#answer("Changes");
  }

  totals() {
    return JSON.parse(this.#inside.ask("Totals"));
  }

  order() {
    return JSON.parse(this.#inside.ask("Order"));
  }

  explain(language) {
    return JSON.parse(this.#inside.ask("Explain", text(language, "language")));
  }

  hints(input = {}) {
    return JSON.parse(this.#inside.ask("Hints", pack(input)));
  }

  alternatives() {
    return JSON.parse(this.#inside.ask("Alternatives"));
  }

  redemptionPlans(input) {
    return JSON.parse(this.#inside.ask("Plans", pack(input)));
  }

  #answer(door) {
    const inside = this.#inside;
    return ask(inside, this.#texts, door, "", (cart) => JSON.parse(inside.ask("Hashes", cart)));
  }

  free() {
    this.#inside.free();
  }

  [DISPOSE]() {
    this.free();
  }
}
