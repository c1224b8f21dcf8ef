// Next's edge runtime and Vercel's middleware, whose compilers want a query behind the file.
import { loadWith } from "./common.js";
import engine from "./engine.wasm?module";

export { Engine, QudaoError, Session, version } from "./common.js";

export function load(source) {
  return loadWith(() => engine, source);
}
