using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "edge", worker = .edge), (name = "internet", network = (allow = []))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "edge")],
);

const edge :Workerd.Worker = (
  compatibilityDate = "2026-10-20",
  modules = [
    (name = "worker.mjs", esModule = embed "worker.mjs"),
    (name = "parity.mjs", esModule = embed "../parity.mjs"),
    (name = "policy.wasm", wasm = embed "../policy.wasm"),
    (name = "qudao/workerd.js", esModule = embed "../node_modules/qudao/workerd.js"),
    (name = "qudao/common.js", esModule = embed "../node_modules/qudao/common.js"),
    (name = "qudao/glue.js", esModule = embed "../node_modules/qudao/glue.js"),
    (name = "qudao/engine.wasm", wasm = embed "../node_modules/qudao/engine.wasm"),
  ],
);
