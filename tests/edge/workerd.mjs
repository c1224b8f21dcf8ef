// Starts the Workers runtime on a free port, and ends it.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { demo, workerd } from "../places.mjs";

// A test that fails before it stops its runtime neither waits for it nor leaves it running.
const running = new Set();
process.once("exit", () => running.forEach((child) => child.kill("SIGKILL")));

/** Serves the configuration `edge.capnp` of a folder. `stop` ends it in good order, `kill` does not; both wait until it is gone. */
export async function start(folder, { options = [], env = {} } = {}) {
  const child = spawn(workerd, ["serve", "edge.capnp", "--socket-addr", "http=127.0.0.1:0", "--control-fd=3", ...options], {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ["ignore", "inherit", "inherit", "pipe"],
  });
  child.unref();
  running.add(child);
  const gone = new Promise((resolve) => child.once("exit", resolve));
  gone.then(() => running.delete(child));
  const end = (signal) => () => {
    child.ref();
    child.kill(signal);
    return gone;
  };
  const port = await Promise.race([
    listening(child.stdio[3]),
    gone.then((code) => Promise.reject(new Error(`workerd ended with ${code} before it listened`))),
  ]);
  child.stdio[3].destroy();
  return { origin: `http://127.0.0.1:${port}`, stop: end("SIGTERM"), kill: end("SIGKILL") };
}

async function listening(control) {
  for await (const line of createInterface({ input: control })) {
    const { event, port } = JSON.parse(line);
    if (event === "listen") return port;
  }
}

/** Starts the staged demo, or another folder like it, on a state of its own, which `stop` removes. Give `state` to start again on what another left. */
export async function startDemo({ state, staged = demo } = {}) {
  const folder = state ?? mkdtempSync(join(tmpdir(), "qudao-state-"));
  const server = await start(staged, { options: ["--directory-path", `state=${folder}`], env: { SESSION_SECRET: "a secret for tests only, of any length" } });
  const stop = async () => {
    await server.stop();
    if (state === undefined) rmSync(folder, { recursive: true, force: true });
  };
  return { ...server, stop, state: folder };
}
