// Coupons and gifts on the page, on the sample policy with some of them added.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { withCredit } from "../edge/client.mjs";
import { gifts, stageOffers } from "../offers.mjs";
import { launch } from "./chromium.mjs";
import { NARROW, visit } from "./visit.mjs";


let browser, offers;
before(async () => {
  browser = await launch();
  offers = await stageOffers();
});
after(async () => {
  await browser?.close();
  offers?.remove();
});

/** The page with one line in the cart, and nothing thrown when the test ends. */
async function open(t, options = {}) {
  const { page, server } = await visit(t, browser, { staged: offers.folder, ...options });
  const { known } = await withCredit(server.origin);
  await page.goto(server.origin);
  await page.locator(`[data-dealer="${known.facts.id}"]`).click();
  const [{ sku, quantity }] = offers.roomy(known);
  await page.locator(`.catalogue quantity-field[sku="${sku}"] input`).fill(String(quantity));
  if (options.viewport === NARROW) await page.locator(".bar button").click();
  await page.locator(".gift").first().waitFor();
  return page;
}

const enter = async (page, code) => {
  await page.locator(".coupon input").fill(code);
  await page.keyboard.press("Enter");
};
const taken = (page) => page.locator('.gift[aria-pressed="true"]').evaluateAll((nodes) => nodes.map(({ id }) => id));

test("a code says what became of it, changes the total only where it applies, and goes again", async (t) => {
  const page = await open(t);
  const payable = () => page.locator(".totals .payable dd").textContent();
  const without = await payable();
  await enter(page, "NO-SUCH");
  await page.getByText("优惠码 NO-SUCH 无效：贵司没有这个优惠码。").waitFor();
  await enter(page, "OTHERS");
  await page.getByText("优惠码 OTHERS 无效：贵司没有这个优惠码。").waitFor();
  await page.getByRole("button", { name: "移除优惠码 OTHERS" }).click();
  await enter(page, "FAR");
  await page.getByText("优惠码 FAR 未生效，原因见「大单券」。").waitFor();
  assert.equal(await payable(), without);
  await enter(page, "WELCOME");
  await page.getByText("优惠码 WELCOME 已用于「见面礼」。").waitFor();
  assert.notEqual(await payable(), without);
  await enter(page, "WELCOME");
  await page.getByText("这个优惠码已经输入").waitFor();
  assert.equal(await page.locator(".coupons li").count(), 3);
  await page.getByRole("button", { name: "移除优惠码 WELCOME" }).click();
  assert.equal(await payable(), without);
  await page.reload();
  await page.getByText("优惠码 FAR 未生效").waitFor();
  assert.equal(await page.locator(".coupons li").count(), 2, "what was entered is kept for the next visit");
});

test("a gift is given by itself, can be changed and declined, and is ordered as chosen", async (t) => {
  const page = await open(t);
  const [given] = await taken(page);
  const other = gifts.map((sku) => `gift-gift-${sku}`).find((id) => id !== given);
  const item = (id) => page.locator(`[id="${id}"]`);
  await item(other).click();
  await page.locator(`[id="${other}"][aria-pressed="true"]`).waitFor();
  assert.deepEqual(await taken(page), [other]);
  await page.waitForFunction((id) => document.activeElement?.id === id, other);
  await item(other).click();
  await page.locator(`[id="${other}"][aria-pressed="false"]`).waitFor();
  assert.deepEqual(await taken(page), []);
  await item(other).click();
  await page.locator(`[id="${other}"][aria-pressed="true"]`).waitFor();
  const sent = page.waitForRequest((request) => request.method() === "POST" && request.url().endsWith("/api/orders"));
  await page.locator(".submit").click();
  assert.deepEqual((await sent).postDataJSON().order.gifts, { gift: [other.slice("gift-gift-".length)] });
  await page.locator(".verdict.accept").waitFor();
});

test("on a narrow phone, in English: nothing is cut off, everything to touch is 44 px", async (t) => {
  const page = await open(t, { viewport: NARROW, locale: "en-GB", hasTouch: true, isMobile: true });
  await enter(page, "LAUNCH-2026");
  await page.locator(".coupons li").waitFor();
  assert.match(await page.locator(".coupons li p").textContent(), /^Code LAUNCH-2026 /);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "no sideways scrolling");
  const small = await page.locator(".gift, .coupon input, .coupon button, .coupons button").evaluateAll((nodes) => nodes
    .map((node) => node.getBoundingClientRect()).filter(({ height, width }) => height < 42 || width < 42).length);
  assert.equal(small, 0);
});
