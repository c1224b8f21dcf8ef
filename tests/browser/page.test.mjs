// The ordering page as a dealer uses it: the staged demo worker behind it, a real browser before it.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { brotliCompressSync } from "node:zlib";
import en from "../../www/public/en.js";
import zh from "../../www/public/zh.js";
import { engine, findBlocked, findRedeemable, prepare, withCredit } from "../edge/client.mjs";
import { startDemo } from "../edge/workerd.mjs";
import { demo, root } from "../places.mjs";
import { launch } from "./chromium.mjs";
import { NARROW, visit } from "./visit.mjs";

const PHONE = { width: 390, height: 844 };

let browser, known, found;
before(async () => {
  const [launched, server] = await Promise.all([launch(), startDemo()]);
  browser = launched;
  ({ known, found } = await withCredit(server.origin));
  await server.stop();
});
after(() => browser?.close());

const money = (text, locale = "zh-CN") => new Intl.NumberFormat(locale, { style: "currency", currency: engine.policy.currency, currencyDisplay: "narrowSymbol" }).format(text);

/** The page, signed in as the dealer with credit. */
async function open(t, { signedIn = true, ...more } = {}) {
  const { page, server } = await visit(t, browser, more);
  await page.goto(server.origin);
  if (signedIn) {
    await page.locator(`[data-dealer="${known.facts.id}"]`).click();
    await page.locator(".product").first().waitFor();
  }
  return page;
}

const field = (page, sku, place = ".catalogue") => page.locator(`${place} quantity-field[sku="${sku}"]:not([unit]) input`);
const order = (page) => page.locator(".order");
const payable = (page) => page.locator(".totals .payable dd");
const shows = (locator, text) => locator.filter({ hasText: text }).waitFor({ timeout: 5000 });

test("a dealer is chosen by name, and the page says there is no password", async (t) => {
  const page = await open(t, { signedIn: false });
  const { name_zh: name } = known.facts.attributes;
  await page.getByText("不需要密码").waitFor();
  await page.getByRole("button", { name }).click();
  await page.locator(".top .who").getByText(name).waitFor();
  assert.equal(await page.getAttribute("html", "lang"), "zh-CN");
  assert.ok(await page.locator(".product").count() > 10);
});

test("among many dealers one is found by words of its name, region or grade", async (t) => {
  const page = await open(t, { signedIn: false });
  const dealers = page.locator(".dealer:visible");
  await dealers.first().waitFor();
  const all = await dealers.count();
  const [name, place] = await Promise.all(["strong", "span"].map((part) => dealers.last().locator(part).textContent()));
  await page.getByRole("searchbox").fill(`${place.split(" · ")[1]} ${name.slice(2)}`);
  assert.ok(await dealers.count() < all);
  await page.getByRole("searchbox").fill("没有这一家");
  await page.getByText("没有找到经销商").waitFor();
  await page.getByRole("searchbox").fill(name);
  await page.keyboard.press("Enter");
  await page.keyboard.press("Enter");
  await page.locator(".top .who").getByText(name).waitFor();
});

test("a category holds everything below it", async (t) => {
  const page = await open(t);
  const { parents } = engine.policy;
  const select = page.getByRole("combobox", { name: "品类" });
  const options = await select.locator("option").evaluateAll((options) => options.map(({ value, textContent }) => ({ value, text: textContent })));
  const { value: inner } = options.find(({ value }) => parents.categories[parents.categories[value]]);
  const chain = [inner, parents.categories[inner], parents.categories[parents.categories[inner]]];
  const depths = chain.map((id) => options.find(({ value }) => value === id).text.match(/^\u2003*/)[0].length);
  assert.deepEqual(depths, [2, 1, 0]);
  const counts = [];
  for (const id of chain) {
    await select.selectOption(id);
    counts.push(await page.locator(".product").count());
  }
  assert.ok(counts[0] > 0 && counts[0] <= counts[1] && counts[1] < counts[2], counts.join());
  await page.locator(".product").last().scrollIntoViewIfNeeded();
  await select.selectOption("");
  const gap = await page.evaluate(() => document.querySelector(".product").getBoundingClientRect().top - document.querySelector(".finder").getBoundingClientRect().bottom);
  assert.ok(Math.abs(gap) <= 2, `the list begins below the finder: ${gap}`);
});

test("search as you type, then a quantity: totals follow each keystroke with the engine's figures", async (t) => {
  const page = await open(t);
  const { sku } = found.item;
  await page.keyboard.press("/");
  await page.keyboard.type(sku.toLowerCase());
  assert.equal(await page.locator(".product").count(), 1);
  await page.keyboard.press("Enter");
  let typed = "";
  for (const digit of String(found.least * 12)) {
    await page.keyboard.type(digit);
    typed += digit;
    const { totals } = prepare(known, [{ sku, quantity: typed }]).quote;
    assert.equal(await payable(page).textContent(), money(totals.payable), typed);
    assert.equal(await page.locator(".totals .saving dd").textContent(), `−${money(totals.discount)}`, typed);
  }
  await page.keyboard.press("Control+A");
  await page.keyboard.press("Delete");
  assert.equal(await payable(page).textContent(), money("0.00"));
});

test("lots of rebate pay at a touch; the order is sent so, and what it used is gone", async (t) => {
  const page = await open(t);
  const lines = findRedeemable(known);
  const [{ sku, quantity }] = lines;
  await page.locator("#search").fill(sku);
  await field(page, sku).fill(quantity);
  const without = prepare(known, lines).quote.totals;
  assert.equal(await payable(page).textContent(), money(without.payable));
  const row = page.locator(".totals .redemption");
  await row.locator("button").click();
  assert.equal(await row.locator("button").getAttribute("aria-pressed"), "true");
  const { totals, redemption } = prepare(known, lines, { redeem: "max" }).quote;
  assert.equal(await payable(page).textContent(), money(totals.payable));
  assert.equal(await row.locator("dd").textContent(), `−${money(totals.redeemed)}`);
  await page.locator(".submit").click();
  await page.locator(".verdict.accept").waitFor();
  const left = redemption.lots.reduce((sum, lot) => sum + Math.round(Number(lot.left) * 100), 0);
  await shows(row, money((left / 100).toFixed(2)));
});

test("full-width digits count, and what is no quantity leaves the cart as it was", async (t) => {
  const page = await open(t);
  const { sku } = found.item;
  await field(page, sku).fill("２０");
  const twenty = money(prepare(known, [{ sku, quantity: "20" }]).quote.totals.payable);
  assert.equal(await payable(page).textContent(), twenty);
  await field(page, sku).fill("20个");
  assert.equal(await payable(page).textContent(), twenty);
  assert.equal(await field(page, sku).getAttribute("aria-invalid"), "true");
  const hint = await field(page, sku).getAttribute("aria-describedby");
  assert.match(await page.locator(`#${hint}`).textContent(), /数字/);
});

test("half-written input of an IME changes nothing until it is done", async (t) => {
  const page = await open(t);
  const { sku } = found.item;
  await field(page, sku).focus();
  const session = await page.context().newCDPSession(page);
  await session.send("Input.imeSetComposition", { text: "1", selectionStart: 1, selectionEnd: 1 });
  assert.equal(await payable(page).textContent(), money("0.00"));
  await session.send("Input.insertText", { text: "12" });
  assert.equal(await payable(page).textContent(), money(prepare(known, [{ sku, quantity: "12" }]).quote.totals.payable));
});

test("the waterfall opens and adds up to the line", async (t) => {
  const page = await open(t);
  const lines = found.times(12);
  await field(page, lines[0].sku).fill(lines[0].quantity);
  const [line] = prepare(known, lines).quote.lines;
  await order(page).getByRole("button", { name: "价格由来" }).click();
  const rows = await page.locator(".steps li").evaluateAll((rows) => rows.map((row) => row.children[1].textContent));
  assert.deepEqual(rows, [money(line.list), ...line.adjustments.map(({ amount }) => `−${money(amount)}`), money(line.net)]);
  const facts = await page.locator(".waterfall dl").textContent();
  assert.ok(facts.includes(engine.policy.accesses?.[line.price.access]?.zh || line.price.access));
});

test("promotions, rebates and credit are shown with reasons", async (t) => {
  const page = await open(t);
  const lines = found.times(3);
  await field(page, lines[0].sku).fill(lines[0].quantity);
  const { rules, rebates } = prepare(known, lines).quote;
  await page.locator(".rules li").first().waitFor();
  assert.equal(await page.locator(".rules li").count(), rules.length);
  await page.locator(".rest:not([open]) summary").evaluateAll((summaries) => summaries.forEach((summary) => summary.click()));
  for (const { rule } of rules) await page.locator(".rules h3").getByText(engine.policy.promotions[rule].zh, { exact: true }).waitFor();
  const near = rules.filter(({ outcome, conditions }) => outcome === "failed" && conditions.some(({ condition }) => condition === "amount"));
  assert.ok(near.length > 0, "the sample has a threshold by amount");
  for (const { rule, conditions } of near) {
    const [{ have, need }] = conditions.filter(({ condition }) => condition === "amount");
    const row = page.locator(".rules .near").filter({ hasText: engine.policy.promotions[rule].zh });
    await row.locator(".sum").getByText(`${money(have)} / ${money(need)}`).first().waitFor();
    await row.locator(".progress").first().waitFor();
  }
  await page.locator(".others > summary").click();
  for (const { program, after } of rebates) await shows(page.locator(".program").filter({ hasText: engine.policy.programs[program].zh }).locator(".delta"), money(after));
  const label = await page.locator(".tiers").first().getAttribute("aria-label");
  assert.match(label, /\p{Script=Han}/u, "the picture has words");
  await shows(page.locator(".legend").last(), money(known.facts.credit.limit));
});

test("what was opened stays open when figures change, and keeps the focus", async (t) => {
  const page = await open(t);
  const [line] = found.times(3);
  await field(page, line.sku).fill(line.quantity);
  await page.locator(".others > summary").click();
  const how = page.locator(".others details").first();
  await how.locator("summary").click();
  await field(page, line.sku).fill(String(2 * line.quantity));
  await how.locator("summary").focus();
  await page.waitForTimeout(1500);  // longer than the pause after which hints come
  assert.deepEqual(await page.locator(".others, .others details").evaluateAll((folds) => folds.slice(0, 2).map(({ open }) => open)), [true, true]);
  assert.equal(await how.locator("summary").evaluate((node) => node === document.activeElement), true);
});

test("the language switches, and cart and figures stay", async (t) => {
  const page = await open(t);
  const { sku } = found.item;
  await field(page, sku).fill(String(found.least));
  await page.getByRole("button", { name: "English" }).click();
  assert.equal(await page.getAttribute("html", "lang"), "en-US");
  await page.getByRole("button", { name: "Submit order" }).waitFor();
  assert.equal(await field(page, sku).inputValue(), String(found.least));
  assert.equal(await payable(page).textContent(), money(prepare(known, found.good).quote.totals.payable, "en-US"));
  assert.ok(await page.locator(".top .who").getByText(known.facts.attributes.name_en).isVisible());
  await page.reload();
  await page.getByRole("button", { name: "Submit order" }).waitFor();
  assert.equal(await field(page, sku).inputValue(), String(found.least), "the cart is kept for the next visit");
});

test("submit: accepted, in the list of orders, and ordered again with one tap", async (t) => {
  const page = await open(t);
  const { sku } = found.item;
  await field(page, sku).fill(String(found.least));
  await page.getByRole("button", { name: "提交订单" }).click();
  await shows(page.locator(".verdict.accept"), "订单已接受");
  assert.equal(await payable(page).textContent(), money("0.00"));
  await page.locator(".verdict").getByRole("link", { name: "历史订单" }).click();
  const entry = page.locator(".orders > li").first();
  await shows(entry, "已接受");
  await entry.locator("summary").click();
  await entry.getByRole("button", { name: "再来一单" }).click();
  assert.equal(await field(page, sku, ".order").inputValue(), String(found.least));
});

test("over the credit limit the order is routed, with the reason in words", async (t) => {
  const page = await open(t);
  let factor = 2;
  while (!found.codes(found.times(factor)).includes("CREDIT_LIMIT")) factor *= 2;
  await field(page, found.item.sku).fill(found.times(factor)[0].quantity);
  await page.locator(".notices").getByText(/预付 .*即可通过/).waitFor();
  assert.equal(await page.locator("quantity-field .hint:not(:empty)").count(), 0, "it is no fault of a line");
  await page.getByRole("button", { name: "提交审批" }).click();
  await shows(page.locator(".verdict.route"), "等待审批");
  assert.ok(await page.locator(".verdict.route li").count() > 0);
});

test("a block is shown beside the field, its cure is one tap, and then the order passes", async (t) => {
  const page = await open(t);
  const [{ sku }] = findBlocked(known);
  await field(page, sku).fill("1");
  const row = page.locator(`.catalogue quantity-field[sku="${sku}"]:not([unit])`);
  await row.locator(".hint:not(:empty)").waitFor();
  assert.equal(await field(page, sku).getAttribute("aria-invalid"), "true");
  await page.locator(".submit").filter({ hasText: "先处理 1 处问题" }).click();
  assert.equal(await page.evaluate(() => document.activeElement.closest("quantity-field").getAttribute("sku")), sku, "the button leads to the fault");
  const cure = row.locator(".cure").last();
  const nearest = (await cure.textContent()).match(/\d+/)[0];
  await cure.click();
  assert.equal(await field(page, sku).inputValue(), nearest);
  await row.locator(".hint:empty").waitFor({ state: "attached" });
  assert.equal(await field(page, sku).getAttribute("aria-invalid"), "false");
  await page.getByRole("button", { name: "提交订单" }).waitFor();
});

test("changed figures: the difference is shown, and the new figures are sent with one tap", async (t) => {
  const page = await open(t);
  await field(page, found.item.sku).fill(String(found.least));
  await page.route("**/api/orders", async (route) => {
    const body = route.request().postDataJSON();
    await route.continue({ postData: JSON.stringify({ ...body, claimed: { result_hash: "0".repeat(64), payable: "1.00" } }) });
  }, { times: 1 });
  await page.getByRole("button", { name: "提交订单" }).click();
  const card = page.locator(".verdict.accept_with_changes");
  await shows(card.locator(".changes"), money("1.00"));
  assert.equal(await field(page, found.item.sku, ".order").inputValue(), String(found.least), "nothing is ordered, the cart stays");
  await page.getByRole("button", { name: "English" }).click();
  await card.getByText("nothing is ordered yet").waitFor();
  await page.getByRole("button", { name: "中文" }).click();
  await card.getByRole("button").click();
  await shows(page.locator(".verdict.accept"), "订单已接受");
});

test("a lost answer: the order can be sent again, also after a reload, and is one order", async (t) => {
  const page = await open(t, { provoked: [/Failed to load resource/] });
  await field(page, found.item.sku).fill(String(found.least));
  const ids = [];
  page.on("request", (request) => request.method() === "POST" && request.url().endsWith("/api/orders") && ids.push(request.postDataJSON().client_order_id));
  await page.route("**/api/orders", async (route) => {
    await route.fetch();
    await route.abort();
  }, { times: 1 });
  await page.getByRole("button", { name: "提交订单" }).click();
  await page.getByText("还没有收到答复").waitFor();
  await page.reload();
  await page.getByRole("button", { name: "再次提交" }).click();
  await shows(page.locator(".verdict.accept"), "订单已接受");
  assert.equal(new Set(ids).size, 1);
  assert.equal(ids.length, 2);
});

test("a pasted list enters the cart row by row; faults stay in the list", async (t) => {
  const page = await open(t);
  await order(page).getByRole("button", { name: "粘贴清单" }).click();
  const dialog = page.getByRole("dialog");
  const { sku } = found.item;
  await dialog.getByRole("textbox").fill(`货号\t数量\n${sku.toLowerCase()}\t${found.least}\n${sku}，${found.least}\nNO-SUCH-SKU　３\n${sku}`);
  const rows = await dialog.locator("tbody tr").evaluateAll((rows) => rows.map((row) => row.className));
  assert.deepEqual(rows, ["", "", "fault", "fault"]);
  await dialog.getByRole("button", { name: "加入 2 行" }).click();
  assert.equal(await field(page, sku, ".order").inputValue(), String(found.least * 2), "rows of one product are summed");
  assert.equal(await dialog.getByRole("textbox").inputValue(), `NO-SUCH-SKU\t3\n${sku}\t`);
});

test("the keyboard is enough: Enter goes to the next quantity, arrows step, clearing can be undone", async (t) => {
  const page = await open(t);
  const fields = page.locator(".catalogue quantity-field");
  await fields.nth(0).locator("input").focus();
  await page.keyboard.press("Enter");
  const sku = await page.evaluate(() => document.activeElement.closest("quantity-field").getAttribute("sku"));
  assert.equal(sku, await fields.nth(1).getAttribute("sku"));
  await page.keyboard.press("ArrowUp");
  const stepped = await field(page, sku).inputValue();
  assert.ok(Number(stepped) >= 1);
  await page.locator(".order").getByRole("button", { name: "清空", exact: true }).click();
  assert.equal(await page.locator(".line").count(), 0);
  await page.getByRole("button", { name: "撤销清空" }).click();
  assert.equal(await field(page, sku, ".order").inputValue(), stepped);
});

test("a quantity is retyped inside the order without losing the line, and an empty one is gone when left", async (t) => {
  const page = await open(t);
  const { sku } = found.item;
  await field(page, sku).fill(String(found.least));
  const inOrder = field(page, sku, ".order");
  await inOrder.fill("");
  assert.equal(await payable(page).textContent(), money("0.00"));
  const twice = String(found.least * 2);
  await inOrder.pressSequentially(twice);
  assert.equal(await payable(page).textContent(), money(prepare(known, found.times(2)).quote.totals.payable));
  assert.equal(await field(page, sku).inputValue(), twice, "the catalogue follows");
  await inOrder.fill("");
  await page.locator("#search").focus();
  assert.equal(await page.locator(".line").count(), 0);
});

test("without a network the page prices with what it has, and says so", async (t) => {
  const page = await open(t, { provoked: [/Failed to load resource/, /ERR_INTERNET_DISCONNECTED/] });
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.context().setOffline(true);
  await page.reload();
  await page.locator(".banner").getByText(`政策 ${engine.policy.version}`).waitFor();
  await field(page, found.item.sku).fill(String(found.least));
  assert.match(await payable(page).textContent(), /[1-9]/);
  assert.ok(await page.locator(".submit").isDisabled());
  await page.context().setOffline(false);
  await page.locator(".banner").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "提交订单" }).waitFor();
});

test("the page has the dealer's slice and nothing else, and another dealer's takes its place", async (t) => {
  const page = await open(t);
  const asked = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  const kept = () => page.evaluate(async () => {
    const { load } = await import("./qudao/browser.js");
    const slices = await (await caches.open("qudao-slice")).matchAll();
    return Promise.all(slices.map(async (slice) => (await load(slice)).policy.slice_for));
  });
  assert.deepEqual(await kept(), [known.facts.id]);
  await page.locator(".who").click();
  const other = page.locator(`[data-dealer]:not([data-dealer="${known.facts.id}"])`).first();
  const id = await other.getAttribute("data-dealer");
  const name = await other.locator("strong").textContent();
  await other.click();
  await page.locator(".top .who").getByText(name).waitFor();
  assert.ok(asked.includes("/api/slice"));
  assert.deepEqual(await kept(), [id]);
  assert.ok(await page.locator(".product").count() > 10, "and prices with it: a slice refuses the facts of another dealer");
  const paths = await page.evaluate(async () => {
    const requests = await Promise.all((await caches.keys()).map(async (name) => (await caches.open(name)).keys()));
    return requests.flat().map(({ url }) => new URL(url).pathname);
  });
  assert.deepEqual([...asked, ...paths].filter((path) => path.includes("policy")), [], "no other policy is asked for or kept");
});

test("a browser without WebAssembly is told so", async (t) => {
  const page = await open(t, { locale: "en-GB", signedIn: false, before: () => delete globalThis.WebAssembly });
  await page.getByRole("alert").getByRole("heading", { name: "no WebAssembly" }).waitFor();
});

for (const locale of ["zh-CN", "en-GB"]) {
  test(`at 360 px nothing scrolls sideways (${locale})`, async (t) => {
    const page = await open(t, { viewport: NARROW, locale, hasTouch: true, isMobile: true });
    const fits = async (where) => {
      const width = await page.evaluate(() => Math.max(document.documentElement.scrollWidth, ...[...document.querySelectorAll("dialog[open]")].map((node) => node.scrollWidth)));
      assert.ok(width <= NARROW.width, `${where}: ${width}`);
    };
    await fits("catalogue");
    const skus = await page.locator(".catalogue quantity-field").evaluateAll((fields) => fields.map((field) => field.getAttribute("sku")));
    for (const sku of skus.slice(0, 8)) await field(page, sku).fill("123456");
    await fits("catalogue with quantities");
    await page.locator(".bar button").click();
    for (const button of await page.locator(".why:visible").all()) await button.click();
    await fits("order");
    await page.locator(".order header button").first().click();
    await page.getByRole("textbox").last().fill("A-VERY-LONG-SKU-WITHOUT-ANY-SPACE-IN-IT-AT-ALL-0123456789\t1");
    await fits("paste");
    await page.keyboard.press("Escape");
    await page.locator(".who").click();
    await page.locator(".dealer").first().waitFor();
    await fits("dealers");
    await page.keyboard.press("Escape");
    await page.goto(new URL("#orders", page.url()).href);
    await page.locator(".history .state, .orders").first().waitFor();
    await fits("orders");
  });
}

test("on a phone everything to touch is 44 px", async (t) => {
  const page = await open(t, { viewport: PHONE, hasTouch: true, isMobile: true });
  await field(page, found.item.sku).fill(String(found.least));
  await page.locator(".bar button").click();
  const small = await page.locator("button:visible, a:visible, input:visible, select:visible").evaluateAll((nodes) => nodes
    .map((node) => ({ text: node.textContent || node.className, box: node.getBoundingClientRect() }))
    .filter(({ box }) => box.bottom > 0 && (box.height < 42 || box.width < 42)).map(({ text, box }) => `${text} ${box.width}×${box.height}`));
  assert.deepEqual(small, []);
});

test("both dictionaries have the same entries with the same blanks, and the page uses each of them", () => {
  const blanks = (dictionary) => Object.fromEntries(Object.entries(dictionary).map(([key, text]) => [key, (text.match(/\{\w+\}/g) ?? []).sort()]).sort());
  assert.deepEqual(blanks(zh), blanks(en));
  const folder = join(root, "www/public");
  const code = readdirSync(folder).filter((name) => name.endsWith(".js") && name !== "zh.js" && name !== "en.js").map((name) => readFileSync(join(folder, name), "utf8")).join();
  const made = /^(stage|volume|rebate|credit|passage|period|verdict|state|fault|error)\.|^(row|sku|product|quantity)$/;  // keys put together from codes
  assert.deepEqual(Object.keys(zh).filter((key) => !made.test(key) && !new RegExp(`["\\s]${key}"|\\.${key}\\b`).test(code)), []);
});

test("script and style of the page are at most 40 KB after compression", () => {
  const folder = join(demo, "public");
  const sizes = readdirSync(folder).filter((name) => /\.(js|css)$/.test(name)).map((name) => brotliCompressSync(readFileSync(join(folder, name))).length);
  const sum = sizes.reduce((all, size) => all + size, 0);
  assert.ok(sum <= 40 * 1024, `${sum} bytes`);
});
