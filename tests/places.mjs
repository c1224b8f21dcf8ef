// Where `cargo xtask test` has put what the tests work on.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));
const target = process.env.QUDAO_TARGET ?? join(root, "target");

/** The native command. */
export const command = join(target, "debug", process.platform === "win32" ? "qudao.exe" : "qudao");
/** Programs that use the packed package as strangers would: `tests/consumers/app`, with the package installed beside. */
export const consumers = join(target, "consumers");
/** Page, worker and policy as `cargo xtask demo` serves them. */
export const demo = join(target, "demo");
/** The Workers runtime itself, not its wrapper, so that signals reach it. */
export const workerd = createRequire(join(root, "www/package.json"))("workerd").default;

const inConsumers = createRequire(join(consumers, "package.json"));
/** The installed package. */
export const qudao = inConsumers("qudao");
/** A file of it. */
export const packageFile = (name) => join(consumers, "node_modules/qudao", name);
/** Orders with the native answers; see `examples/emit_cases.rs`. */
export const pack = JSON.parse(readFileSync(join(consumers, "cases.json"), "utf8"));
export const { bytesOf, differing, differingFrom } = inConsumers("./parity.mjs");
