// How every test comes to the page: in a browser of its own, on a server of its own.
import assert from "node:assert/strict";
import { startDemo } from "../edge/workerd.mjs";

const DESKTOP = { width: 1280, height: 900 };
export const NARROW = { width: 360, height: 740 };

/**
 * The page, before anybody signs in. When the test ends, nothing may have been asked of another host, no security policy broken, and no error written, but those
 * a test says it provokes.
 */
export async function visit(t, browser, { staged, viewport = DESKTOP, locale = "zh-CN", provoked = [], before: script, ...more } = {}) {
  const [server, context] = await Promise.all([startDemo({ staged }), browser.newContext({ viewport, locale, ...more })]);
  const page = await context.newPage();
  const faults = [];
  page.on("request", (request) => new URL(request.url()).origin !== server.origin && !/^(data|blob):/.test(request.url()) && faults.push(`asked ${request.url()}`));
  page.on("pageerror", (error) => faults.push(`threw ${error.message}`));
  page.on("console", (message) => message.type() === "error" && !provoked.some((pattern) => pattern.test(message.text())) && faults.push(`console: ${message.text()}`));
  await page.addInitScript(() => addEventListener("securitypolicyviolation", (event) => console.error(`policy violation: ${event.violatedDirective} ${event.blockedURI}`)));
  t.after(async () => {
    await context.close();
    await server.stop();
    assert.deepEqual(faults, []);
  });
  if (script) await page.addInitScript(script);
  return { page, server };
}
