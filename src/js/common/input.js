import { QudaoError } from "./errors.js";

// Far above any real order (10,000 lines are about 50,000 values); what is beyond is a mistake and would only exhaust memory.
const DEPTH_MAX = 16;
const VALUES_MAX = 500_000;
const TEXT_MAX = 16_000_000;
// The engine compares each key of an object with all before it.
const KEYS_MAX = 1_000;
const FAULTS_MAX = 100;
// As many as an order may have.
const LINES_MAX = 10_000;
// With the flag `u` this matches halves of a surrogate pair only: not Unicode, and UTF-8 would replace them silently.
const SURROGATE = /[\ud800-\udfff]/u;

/**
 * Packs an input into one text (`src/wire/packed.rs`), which is how it enters the engine.
 *
 * Handing over the caller's own object is not an option: a cycle would overflow the stack of wasm, an exception of a getter or Proxy would cross its frames,
 * and a function or a `Map` would vanish silently. Here everything that can go wrong goes wrong before the engine is entered, with its place.
 * Numbers are copied, never computed with: the engine refuses fractions.
 */
export function pack(input, root = "", products = undefined) {
  const faults = [];
  let values = 0;
  let length = 0;

  function refuse(code, path, value, message, help) {
    faults.push({ code, path, value, message, help });
    // What is too large is not looked at any further.
    if (code === "LIMIT_EXCEEDED" || faults.length === FAULTS_MAX) throw new QudaoError(faults);
    return "n\n";
  }

  function packValue(value, path, depth) {
    if (++values > VALUES_MAX) refuse("LIMIT_EXCEEDED", path, "", `the input has more than ${VALUES_MAX} values`, "split it");
    switch (typeof value) {
      case "string":
        return `s${packText(value, path)}`;
      case "number":
        return Number.isFinite(value) ? `i${value}\n` : refuse("NUMBER_INVALID", path, String(value), "this is not a number with a value", "check where it was computed");
      case "bigint":
        return BigInt.asIntN(64, value) === value ? `i${value}\n` : refuse("NUMBER_RANGE", path, "bigint", "an integer of more than 64 bits", "give a number within the limits of the engine");
      case "boolean":
        return value ? "t\n" : "f\n";
      case "undefined":
        return "n\n";
      case "object":
        return value === null ? "n\n" : packObject(value, path, depth);
      default:
        return refuse("SHAPE_WRONG", path, typeof value, `a ${typeof value} is not data`, "leave it out");
    }
  }

  function packText(value, path) {
    length += value.length;
    if (length > TEXT_MAX) refuse("LIMIT_EXCEEDED", path, "", `the input has more than ${TEXT_MAX} characters`, "split it");
    if (SURROGATE.test(value)) refuse("TEXT_INVALID", path, JSON.stringify(value.slice(0, 40)), "text that is not Unicode", "do not cut text inside a character");
    return `${/[\\\n]/.test(value) ? value.replaceAll("\\", "\\\\").replaceAll("\n", "\\n") : value}\n`;
  }

  function packObject(value, path, depth) {
    if (depth === DEPTH_MAX) refuse("LIMIT_EXCEEDED", path, "", `nested deeper than ${DEPTH_MAX}, or in a circle`, "give plain data");
    if (Array.isArray(value)) {
      let items = `[${value.length}\n`;
      for (let index = 0; index < value.length; index++) items += packValue(value[index], `${path}[${index}]`, depth + 1);
      return items;
    }
    // By tag and not by prototype, so that objects of other realms and class instances pass; a forgotten `await` does not.
    const tag = Object.prototype.toString.call(value).slice(8, -1);
    if (tag !== "Object") return refuse("SHAPE_WRONG", path, tag, `a ${tag} is not plain data`, tag === "Promise" ? "await it first" : "give an object, a list or text");
    const keys = Object.keys(value);
    if (keys.length > KEYS_MAX) refuse("LIMIT_EXCEEDED", path, "", `an object of more than ${KEYS_MAX} keys`, "give plain data");
    let entries = "";
    let count = 0;
    for (const key of keys) {
      const place = path === "" ? key : `${path}.${key}`;
      const field = value[key];
      // An optional field that is spelled out, `{ unit: undefined }`, is one that is missing.
      if (field === undefined) continue;
      entries += packText(key, place) + ((place === "order.lines" && packLines(field, products)) || packValue(field, place, depth + 1));
      count++;
    }
    return `{${count}\n${entries}`;
  }

  let packed;
  try {
    packed = packValue(input, root, 0);
  } catch (error) {
    if (error instanceof QudaoError) throw error;
    const fault = { code: "INPUT_UNREADABLE", path: root, value: "", message: "reading the input threw an exception", help: "give plain data: no getters or proxies that throw" };
    throw new QudaoError([fault], { cause: error });
  }
  if (faults.length > 0) throw new QudaoError(faults);
  return packed;
}

/**
 * The lines of an order, if they are as nearly all are: plain objects with SKU and quantity; nothing otherwise, and then they are packed as any list is.
 * Where `products` knows the number of every SKU they are packed by it.
 */
function packLines(lines, products) {
  if (!Array.isArray(lines) || lines.length > LINES_MAX) return "";
  let packed = `${products ? "P" : "L"}${lines.length}\n`;
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index];
    if (typeof line !== "object" || line === null || Object.getPrototypeOf(line) !== Object.prototype) return "";
    let sku;
    let quantity;
    let unit = "";
    for (const key in line) {
      if (key === "sku") sku = line.sku;
      else if (key === "quantity") quantity = line.quantity;
      else if (key === "unit" && line.unit !== "") unit = line.unit ?? "";
      else return "";
    }
    if (Number.isSafeInteger(quantity)) quantity = String(quantity);
    if (!isShort(sku) || !isShort(quantity) || (unit !== "" && !isShort(unit))) return "";
    if (!products) packed += `${sku}\n${quantity}\n${unit}\n`;
    else {
      const number = unit === "" ? products(sku) : -1;
      if (number < 0) return packLines(lines);
      packed += `${number}\n${quantity}\n`;
    }
  }
  return packed.includes("\\") || SURROGATE.test(packed) ? "" : packed;
}

function isShort(text) {
  return typeof text === "string" && text.length > 0 && text.length < 100 && !text.includes("\n");
}

/** An argument that must be text. */
export function text(value, path) {
  if (typeof value === "string") return value;
  throw new QudaoError([{ code: "SHAPE_WRONG", path, value: typeof value, message: "text is needed here", help: "give a string" }]);
}
