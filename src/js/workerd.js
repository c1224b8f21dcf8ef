// Cloudflare Workers and workerd, where wasm may be imported but not compiled from bytes.
import { loadWith } from "./common.js";
import engine from "./engine.wasm";

export { Engine, QudaoError, Session, version } from "./common.js";

export function load(source) {
  return loadWith(() => engine, source);
}
