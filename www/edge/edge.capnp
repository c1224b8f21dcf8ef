using Workerd = import "/workerd/workerd.capnp";

# The demo edge: one worker, one SQLite Durable Object as the brand's ledger, the page from disk. Run from the folder that `cargo xtask demo` stages.
const config :Workerd.Config = (
  services = [
    (name = "edge", worker = .edge),
    (name = "public", disk = (path = "public")),
    (name = "state", disk = (path = "state", writable = true)),
    (name = "internet", network = (allow = [])),  # nothing goes out
  ],
  sockets = [(name = "http", address = "127.0.0.1:8787", http = (), service = "edge")],
);

const edge :Workerd.Worker = (
  compatibilityDate = "2026-10-20",
  modules = [
    (name = "worker.mjs", esModule = embed "worker.mjs"),
    (name = "session.mjs", esModule = embed "session.mjs"),
    (name = "http.mjs", esModule = embed "http.mjs"),
    (name = "ledger.mjs", esModule = embed "ledger.mjs"),
    (name = "money.mjs", esModule = embed "money.mjs"),
    (name = "dealers.json", json = embed "dealers.json"),
    (name = "grading.json", json = embed "grading.json"),
    (name = "policy.wasm", wasm = embed "policy.wasm"),
    (name = "qudao/workerd.js", esModule = embed "qudao/workerd.js"),
    (name = "qudao/common.js", esModule = embed "qudao/common.js"),
    (name = "qudao/glue.js", esModule = embed "qudao/glue.js"),
    (name = "qudao/engine.wasm", wasm = embed "qudao/engine.wasm"),
  ],
  bindings = [
    (name = "LEDGER", durableObjectNamespace = "Ledger"),
    (name = "PUBLIC", service = "public"),
    (name = "SESSION_SECRET", fromEnvironment = "SESSION_SECRET"),
  ],
  durableObjectNamespaces = [(className = "Ledger", uniqueKey = "qudao-ledger-v1", enableSql = true)],
  durableObjectStorage = (localDisk = "state"),
);
