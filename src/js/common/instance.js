import { failure, QudaoError } from "./errors.js";
import { createGlue } from "../glue.js";
import { VERSION } from "./version.js";

// Magic and hash, before what is hashed.
const HEADER = 40;

/**
 * An object inside an instance of the engine, and the only way to it.
 *
 * Each loaded policy has an instance of its own: freeing it gives the whole memory back (wasm memory never shrinks), and a trap ends nothing but itself.
 */
export class Inside {
  #instance;
  #raw;

  constructor(instance, raw) {
    this.#instance = instance;
    this.#raw = raw;
  }

  /** What a door (`src/wasm.rs`) answers: a text. */
  ask(door, input = "", more = "") {
    return this.call("ask", this.#instance.glue.Door[door], input, more);
  }

  /** What one method answers, as it is. */
  call(method, ...input) {
    if (this.#raw === null) throw failure("FREED", "it was freed before", "load the policy again");
    return call(this.#instance, () => this.#raw[method](...input));
  }

  /** The same, for an answer that lives in the same instance. */
  open(method, ...input) {
    return new Inside(this.#instance, this.call(method, ...input));
  }

  free() {
    const raw = this.#raw;
    this.#raw = null;
    // After a trap nothing in the instance is touched again; it goes as a whole.
    if (raw !== null && this.#instance.trap === undefined) call(this.#instance, () => raw.free());
  }
}

/** Starts an instance of `module` with one policy. */
export async function instantiate(module, bundle) {
  requireSameVersion(module);
  const glue = createGlue();
  const { exports } = await WebAssembly.instantiate(module, { "./engine_bg.js": glue });
  glue.__wbg_set_wasm(exports);
  exports.__wbindgen_start();
  const instance = { glue, trap: undefined };
  const digest = await hash(bundle);
  return new Inside(
    instance,
    call(instance, () => new glue.Raw(bundle, digest)),
  );
}

/** Of everything behind the header, by the runtime, many times faster than the engine; which does it where there is none, as on pages without HTTPS. */
async function hash(bundle) {
  try {
    return new Uint8Array(await crypto.subtle.digest("SHA-256", bundle.subarray(HEADER)));
  } catch {
    return new Uint8Array();
  }
}

/** Runs `action` inside. What it throws is the faults of the input; anything else is a trap, after which nothing in the instance can be trusted. */
function call(instance, action) {
  if (instance.trap !== undefined) throw trapped(instance.trap);
  try {
    return action();
  } catch (error) {
    if (typeof error === "string") throw new QudaoError(JSON.parse(error).faults);
    instance.trap = error;
    // Lets the memory go, and makes what the garbage collector may still want to free there a call to nothing.
    instance.glue.__wbg_set_wasm(new Proxy({}, { get: () => () => {} }));
    throw trapped(error);
  }
}

function trapped(cause) {
  return failure("ENGINE_TRAP", "the engine stopped at a fault of its own", "load the policy again, and please report the input", cause);
}

/** Glue and module must come from one build; a file that brings its own engine may be older or newer than this package. */
function requireSameVersion(module) {
  const [section] = WebAssembly.Module.customSections(module, "qudao.version");
  const version = section === undefined ? "an unknown version" : new TextDecoder().decode(section);
  if (version !== VERSION)
    throw failure("ENGINE_VERSION", `the module holds an engine of ${version}, this package is ${VERSION}`, "build it again with `qudao build --wasm` of this version");
}
