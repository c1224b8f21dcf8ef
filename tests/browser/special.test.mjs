// The page on a policy with registered prices, approved adjustments, prices of a later day, credit and programs of many kinds.
import assert from "node:assert/strict";
import { test } from "node:test";
import { stage } from "./staged.mjs";
import { NARROW } from "./visit.mjs";

const FILES = {
  "policy.yaml": `
policy: { id: special, version: "1", valid: 2026-01-01 .. 2035-12-31, horizon_years: 10, pricing_date: delivery }
products: products.csv
prices:
  - { id: special, name: { zh: 特价报备, en: Special price }, by: [dealer, sku], registered: special, period: year, table: special.csv }
  - { id: list, name: { zh: 等级价, en: List price }, by: [sku], table: list.csv }
promotions:
  - { id: points, name: { zh: 积分, en: Points }, each: { amount: 100 }, get: { earn: { id: points } } }
kpis: [{ id: service, name: { zh: 服务评分, en: Service } }]
programs:
  - { id: life, name: { zh: 里程碑, en: Milestones }, period: lifetime, qualifier: quantity, mode: total, tiers: [{ from: 5, amount: 300 }, { from: 500, amount: 800 }] }
  - { id: steps, name: { zh: 每十件奖, en: Every ten }, period: lifetime, qualifier: quantity, mode: increments, tiers: [{ from: 0, every: 10, amount: 20 }] }
  - id: target
    name: { zh: 任务, en: Target }
    period: lifetime
    against: target
    mode: retroactive
    tiers: [{ above: 50, percent: 1 }, { above: 100, percent: 2, excess: 3 }]
    modifiers: [{ kpi: service, kind: multiply, bands: [{ from: 60, percent: 80 }] }]
checks:
  - { id: used, credit_used: 50 }
  - { id: late, overdue: { days: 30 } }
redemption: { share: 50 }
`,
  "products.csv": "sku,unit,units\nA,件,箱=12\nB,件,\nC,件,\n",
  "special.csv": "registration,dealer,sku,customer,limit,approver,price\nBB-1,D1,A,医院,30,王芳,80\n",
  "list.csv": "sku,unit,price,valid\nA,,100,\nA,箱,1080,\nB,,500,.. 2033-12-31\nB,,400,2034-01-01 ..\nC,,1000,\n",
};
const DEALER = {
  schema: 1, id: "D1", as_of: "2026-11-20T08:00:00+08:00", kpis: { service: "70" },
  credit: { limit: "10000", receivable: "4000", overdue: [{ amount: "60", days: 45 }], group: { limit: "6500", receivable: "4000" } },
  registrations: [{ registration: "BB-1", sku: "A", used: 22 }],
  adjustments: [{ id: "TJ-1", line: "C|件", amount: "50", approver: "李雷", reason: "外壳划伤" }],
  volumes: [{ program: "target", period: "lifetime", posted: { amount: "400" }, target: { amount: "1000" } }],
  lots: [{ id: "FL-1", balance: "70", issued: "2026-01-01T00:00:00+08:00", expires: "2035-01-01T00:00:00+08:00" }],
  attributes: { name_zh: "样例商行", name_en: "Sample" },
};

const open = stage(FILES, DEALER);
const input = (page, sku, unit, place = ".catalogue") => page.locator(`${place} quantity-field[sku="${sku}"]${unit ? `[unit="${unit}"]` : ":not([unit])"} input`);
const payable = (page) => page.locator(".totals > .payable dd").textContent();
const line = (page, sku, unit = "件") => page.locator(`.line[data-line="${sku}|${unit}"]`);

test("a registered price holds for its end customer: which, and how much of what is left, stands at the line", async (t) => {
  const page = await open(t);
  await input(page, "A").fill("10");
  assert.equal(await payable(page), "¥1,000.00");
  assert.equal(await line(page, "A").locator(".special").textContent(), "");
  await page.getByLabel("终端客户").fill("医院");
  await page.keyboard.press("Enter");
  await page.getByText("特价报备 BB-1：剩 8，本行用 8").waitFor();
  await page.locator(".catalogue").getByText("特价报备 BB-1 ¥80.00 / 件，剩 8").waitFor();
  assert.equal(await payable(page), "¥840.00", "8 at 80.00 and 2 at 100.00");
  await line(page, "A").locator(".why").click();
  await page.locator(".facts").getByText("批准人 王芳").waitFor();
  const sent = page.waitForRequest((request) => request.method() === "POST" && request.url().endsWith("/api/orders"));
  await page.locator(".submit").click();
  assert.deepEqual((await sent).postDataJSON().order.ship_to, { customer: "医院" });
  await page.locator(".verdict.route").waitFor();
  await input(page, "A").fill("1");
  await page.locator(".order").getByText("特价报备 BB-1：已用完").waitFor();
});

test("an approved adjustment is told before there is its line, then with who approved it and why", async (t) => {
  const page = await open(t);
  await input(page, "B").fill("1");
  const row = page.locator(".rules li").filter({ hasText: "TJ-1" });
  await row.getByText("李雷 · 外壳划伤").waitFor();
  await input(page, "C").fill("1");
  await row.getByText("−¥50.00").waitFor();
  await line(page, "C").locator(".why").click();
  await line(page, "C").getByText("李雷 · 外壳划伤").waitFor();
});

test("the day that goods are wanted decides their prices, in the catalogue too, and is sent", async (t) => {
  const page = await open(t);
  await input(page, "B").fill("1");
  assert.equal(await payable(page), "¥500.00");
  await page.getByLabel("要货日期").fill("2034-02-01");
  await page.getByText("按 2034-02-01 的价格计算").waitFor();
  assert.equal(await payable(page), "¥400.00");
  await page.locator(".product").filter({ hasText: "B" }).locator(".bands").getByText("¥400.00").waitFor();
  await page.getByLabel("要货日期").fill("2040-02-01");
  await page.locator(".ship-to + .hint:not(:empty)").waitFor();
  assert.equal(await page.getByLabel("要货日期").inputValue(), "2034-02-01", "a day that the policy does not know is refused");
  const sent = page.waitForRequest((request) => request.method() === "POST" && request.url().endsWith("/api/orders"));
  await page.locator(".submit").click();
  assert.equal((await sent).postDataJSON().order.deliver, "2034-02-01");
  await page.locator(".verdict.route, .verdict.accept").waitFor();
});

test("a further unit shows its own price", async (t) => {
  const page = await open(t);
  const bands = page.locator(".product").filter({ has: page.locator('[sku="A"]') }).locator(".bands li");
  assert.deepEqual((await bands.allTextContents()).map((text) => text.trim()), ["¥100.00 / 件", "¥1,080.00 / 箱"]);
  await input(page, "A", "箱").fill("1");
  assert.deepEqual(await bands.evaluateAll((nodes) => nodes.map((node) => node.classList.contains("held"))), [false, true]);
});

test("credit says what to prepay, and what to remove at a touch; the group's limit and what is overdue as well", async (t) => {
  const page = await open(t);
  await input(page, "B").fill("1");
  await input(page, "C").fill("1");
  await page.locator(".notices").getByText("逾期").waitFor();
  const used = page.locator(".notices li.warn");
  await used.getByText("¥450.00").waitFor();  // 4000 + 1450 − 5000
  await used.getByRole("button", { name: "移除 B" }).click();
  await used.waitFor({ state: "detached" });
  await input(page, "C").fill("4");
  const group = page.locator(".notices li.route").filter({ hasText: "集团" });
  await group.getByText("¥1,450.00").waitFor();  // 4000 + 3950 − 6500
  assert.equal(await group.locator(".cure").count(), 0, "without its only line there is no order");
  await input(page, "B").fill("1");
  await group.getByRole("button", { name: "移除 C" }).click();
  await group.waitFor({ state: "detached" });
  assert.equal(await payable(page), "¥500.00");
});

test("a guard that this page does not know is shown by its code, with its cure if it has one, and stops nothing", async (t) => {
  const patch = `
    const changes = Session.prototype.changes, explain = Session.prototype.explain;
    Session.prototype.changes = function () {
      const answer = changes.call(this);
      return { ...answer, guards: answer.guards.map((guard) => (guard.code === "CREDIT_USED" ? { ...guard, code: "NEW_KIND" } : guard)) };
    };
    Session.prototype.explain = function (language) { return explain.call(this, language).filter(({ path }) => !path.startsWith("guards[")); };`;
  const page = await open(t, { patch });
  await input(page, "B").fill("1");
  await input(page, "C").fill("1");
  const unknown = page.locator(".notices li").filter({ hasText: "NEW_KIND" });
  await unknown.getByRole("button", { name: "移除 B" }).waitFor();
  await page.getByRole("button", { name: "提交审批" }).click();
  await page.locator(".verdict.route").waitFor();
});

test("programs that pay amounts, for steps or against a target say so; points and lots are told", async (t) => {
  const page = await open(t);
  await input(page, "C").fill("6");
  const program = (name) => page.locator(".program").filter({ has: page.getByRole("heading", { name }) });
  await program("里程碑").getByText("还差 494，达到 ¥800.00 一档，返利再增 ¥800.00").waitFor();
  await program("每十件奖").getByText("每 10 奖 ¥20.00").first().waitFor();
  await program("任务").getByText("已在最高一档：2%，超出 3%").waitFor();
  await program("任务").getByText("「服务评分」为 70，返利按 80% 计").waitFor();
  assert.ok(!(await page.locator(".order").textContent()).includes("NaN"));
  await page.locator(".earned").getByText("+59").waitFor();
  await page.getByText("持有的返利单（1）").click();
  await page.getByText("FL-1").waitFor();
});

test("at 360 px nothing of it scrolls sideways, in either language, and everything to touch is 44 px", async (t) => {
  const page = await open(t, { viewport: NARROW, hasTouch: true, isMobile: true });
  for (const [sku, unit, quantity] of [["A", "箱", "20"], ["B", "", "2"], ["C", "", "3"]]) await input(page, sku, unit).fill(quantity);
  for (const view of ["", "#order"]) {
    await page.goto(new URL(view || "#", page.url()).href);
    for (let turn = 0; turn < 2; turn++) {
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth) <= 360, view);
      const small = await page.locator(":is(button, input, select, summary):visible").evaluateAll((nodes) => nodes
        .filter((node) => !node.closest("dialog")).map((node) => [node.outerHTML.slice(0, 80), node.getBoundingClientRect().height]).filter(([, height]) => height < 42));
      assert.deepEqual(small, []);
      await page.locator("button.language").click();
    }
  }
});
