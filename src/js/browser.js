// Browsers. The engine is fetched when the first policy is loaded and compiled while it arrives. No top-level await; nothing happens on import.
import { compile, failure, isWasm, loadWith, refused } from "./common.js";

export { Engine, QudaoError, Session, version } from "./common.js";

let engine;

export function load(source) {
  return loadWith(engineModule, source);
}

/** One download for all; after a failure the next `load` tries again. */
function engineModule() {
  engine ??= fetchEngine().catch((error) => {
    engine = undefined;
    throw error;
  });
  return engine;
}

async function fetchEngine() {
  const url = new URL("./engine.wasm", import.meta.url);
  const response = await fetch(url).catch(() => null);
  if (response?.ok && response.headers.get("content-type")?.startsWith("application/wasm"))
    return WebAssembly.compileStreaming(response).catch((cause) => {
      throw refused(cause);
    });
  const bytes = response?.ok ? new Uint8Array(await response.arrayBuffer()) : new Uint8Array();
  return compile(isWasm(bytes) ? bytes : await inlined(url));
}

/** Some bundlers do not carry the file along, and servers of single-page applications answer with HTML in its place: then a copy comes as a script. */
async function inlined(url) {
  console.warn(`qudao: ${url} is not the engine, so its inlined copy is used, which is larger. Serve the package's engine.wasm there.`);
  try {
    const { bytes } = await import("./engine.wasm.b64.js");
    return bytes();
  } catch (cause) {
    throw failure("ENGINE_FETCH", `the engine cannot be fetched from \`${url}\``, "check the network, and that the file is served there", cause);
  }
}
