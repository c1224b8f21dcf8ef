import { failure } from "./errors.js";

// A bundle may have 256 MiB, an engine far less. More would only exhaust the memory on its way in.
const BYTES_MAX = 300_000_000;

/** What a source is, once it is here: a compiled module, or bytes. */
export async function read(source) {
  const found = await look(await source);
  if (found.bytes?.length > BYTES_MAX) throw failure("SOURCE_INVALID", `the source has more than ${BYTES_MAX} bytes`, "give a bundle or a module made by `qudao build`");
  return found;
}

async function look(given) {
  switch (tag(given)) {
    case "WebAssembly.Module":
      return { module: given };
    case "ArrayBuffer":
    case "SharedArrayBuffer":
      return { bytes: own(new Uint8Array(given)) };
    case "Response":
      return { bytes: await body(given) };
    case "String":
    case "URL":
      return { bytes: await download(given) };
  }
  if (ArrayBuffer.isView(given)) return { bytes: own(new Uint8Array(given.buffer, given.byteOffset, given.byteLength)) };
  throw failure("SOURCE_INVALID", `a policy cannot be loaded from ${given === null ? "null" : typeof given}`, "give bytes, a Response, a URL or a WebAssembly.Module");
}

/** A copy, so that what is hashed is what is loaded, whatever the caller does with it meanwhile; only as large as a source may be. */
function own(bytes) {
  return bytes.length > BYTES_MAX ? bytes : bytes.slice();
}

/** By tag and not by `instanceof`, which fails for values of another realm (iframes, `vm`, Next's edge runtime). */
function tag(value) {
  return Object.prototype.toString.call(value).slice(8, -1);
}

async function download(url) {
  if (String(url).startsWith("file:")) return readFile(url);
  let response;
  try {
    response = await fetch(url);
  } catch (cause) {
    throw failure("SOURCE_FETCH", `\`${url}\` cannot be fetched`, "check the address; outside a browser it must be absolute", cause);
  }
  return body(response);
}

async function body(response) {
  if (!response.ok) throw failure("SOURCE_FETCH", `\`${response.url}\` answered with status ${response.status}`, "check the address");
  try {
    return new Uint8Array(await response.arrayBuffer());
  } catch (cause) {
    throw failure("SOURCE_FETCH", `the body of \`${response.url}\` cannot be read`, "give a response whose body was not read before", cause);
  }
}

/** `fetch` of Node knows no `file:`. Asked of the process and not imported, so that no bundler has to resolve it. */
async function readFile(url) {
  const files = globalThis.process?.getBuiltinModule?.("node:fs/promises");
  if (!files) throw failure("SOURCE_FETCH", "there are no files here", "give bytes, or an http address");
  try {
    return await files.readFile(new URL(url));
  } catch (cause) {
    throw failure("SOURCE_FETCH", `\`${url}\` cannot be read`, "check the path", cause);
  }
}
