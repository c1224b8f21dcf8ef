// Node, Deno and Bun, and wherever one wants a single file: the engine comes as text, so it needs no file system, no permission and no address,
// and survives every bundler for servers.
import { compile, loadWith } from "./common.js";
import { bytes } from "./engine.wasm.b64.js";

export { Engine, QudaoError, Session, version } from "./common.js";

let engine;

function engineModule() {
  return (engine ??= compile(bytes()));
}

export function load(source) {
  return loadWith(engineModule, source);
}
