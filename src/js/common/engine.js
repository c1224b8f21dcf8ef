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

export class Engine {
  #inside;

  constructor(inside) {
    if (!(inside instanceof Inside)) throw new TypeError("an Engine is made by `load`");
    this.#inside = inside;
    this.policy = JSON.parse(inside.ask("policy"));
  }

  quote(input) {
    const packed = pack(input);
    const inside = this.#inside;
    return quoteFrom(inside.ask("columns", packed), () => JSON.parse(inside.ask("hashes", packed)));
  }

  quoteBytes(input) {
    return new TextEncoder().encode(this.#inside.ask("quote", pack(input)));
  }

  catalog(input) {
    return JSON.parse(this.#inside.ask("catalog", pack(input)));
  }

  verify(input) {
    return JSON.parse(this.#inside.ask("verify", pack(input)));
  }

  explain(input) {
    return JSON.parse(this.#inside.ask("explain", pack(input)));
  }

  slice(input) {
    return this.#inside.ask("slice", pack(input));
  }

  session(input) {
    return new Session(this.#inside.open("session", pack(input)));
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

  constructor(inside) {
    if (!(inside instanceof Inside)) throw new TypeError("a Session is made by `engine.session`");
    this.#inside = inside;
  }

  set(sku, quantity, unit = "") {
    this.#inside.ask("set", text(sku, "sku"), text(unit, "unit"), pack(quantity, "quantity"));
  }

  enter(input) {
    this.#inside.ask("enter", pack(input));
  }

  redeem(amount) {
    this.#inside.ask("redeem", pack(amount, "redeem"));
  }

  clear() {
    this.#inside.ask("clear");
  }

  quote() {
    return this.#answer("quote");
  }

  changes() {
    return this.#answer("changes");
  }

  totals() {
    return JSON.parse(this.#inside.ask("totals"));
  }

  order() {
    return JSON.parse(this.#inside.ask("order"));
  }

  explain(language) {
    return JSON.parse(this.#inside.ask("explain", text(language, "language")));
  }

  #answer(method) {
    const inside = this.#inside;
    return quoteFrom(inside.ask(method), (cart) => JSON.parse(inside.ask("hashes", cart)));
  }

  free() {
    this.#inside.free();
  }

  [DISPOSE]() {
    this.free();
  }
}
