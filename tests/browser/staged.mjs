// The staged demo with a policy of a test's own, and the page of its one dealer.
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before } from "node:test";
import { command, demo } from "../places.mjs";
import { launch } from "./chromium.mjs";
import { visit } from "./visit.mjs";

/** A copy of the demo for the policy of `files`, by name, and `dealer`, with `more` files of the worker: its folder, and what removes it. */
function stagePolicy(files, dealer, more) {
  const folder = mkdtempSync(join(tmpdir(), "qudao-staged-"));
  const [staged, policy] = [join(folder, "demo"), join(folder, "policy")];
  cpSync(demo, staged, { recursive: true });
  mkdirSync(policy);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(policy, name), text);
  execFileSync(command, ["build", policy, "--engine", join(demo, "public/qudao/engine.wasm"), "--wasm", join(staged, "policy.wasm")], { stdio: "pipe" });
  writeFileSync(join(staged, "dealers.json"), JSON.stringify([dealer]));
  for (const [name, text] of Object.entries(more)) writeFileSync(join(staged, name), text);
  return { folder: staged, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** The page, signed in; `patch` is appended to the package's code. */
async function openPage(t, browser, { patch, ...more }) {
  const { page, server } = await visit(t, browser, more);
  page.setDefaultTimeout(8000);
  if (patch) {
    await page.route("**/qudao/common.js", async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: `${await response.text()}\n${patch}` });
    });
  }
  await page.goto(server.origin);
  await page.locator("[data-dealer]").click();
  await page.locator(".product").first().waitFor();
  return page;
}

/** The tests of a file see the policy of `files`, by name, and its one `dealer`, with `more` files of the worker: what opens their page. */
export function stage(files, dealer, more = {}) {
  let staged, browser;
  before(async () => {
    staged = stagePolicy(files, dealer, more);
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    staged?.remove();
  });
  return (t, more) => openPage(t, browser, { staged: staged.folder, ...more });
}
