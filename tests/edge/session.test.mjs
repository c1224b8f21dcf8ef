import assert from "node:assert/strict";
import { test } from "node:test";
import { SESSION_SECONDS, signedIn, startSession } from "../../www/edge/session.mjs";

const env = { SESSION_SECRET: "0123456789abcdef0123456789abcdef" };
const NOW = 1_795_000_000_000;
const asking = (cookie) => new Request("http://localhost/api/facts", { headers: { cookie } });
const token = async (dealer = "D001") => (await startSession(env, dealer, NOW, false)).split(";")[0];
const refused = (cookie, now = NOW) => assert.rejects(signedIn(env, asking(cookie), now), { code: "SIGNED_OUT", status: 401 });

test("the cookie names the dealer until it expires, to the millisecond", async () => {
  const cookie = await token("经销商-1");
  assert.equal(await signedIn(env, asking(`theme=dark; ${cookie}; other=1`), NOW), "经销商-1");
  assert.equal(await signedIn(env, asking(cookie), NOW + SESSION_SECONDS * 1000 - 1), "经销商-1");
  await refused(cookie, NOW + SESSION_SECONDS * 1000);
});

test("scripts cannot read it, other sites cannot send it, and over https it stays there", async () => {
  const attributes = (await startSession(env, "D001", NOW, true)).split("; ").slice(1);
  assert.deepEqual(attributes, ["Path=/api", `Max-Age=${SESSION_SECONDS}`, "HttpOnly", "SameSite=Strict", "Secure"]);
});

test("a token that was touched is none", async () => {
  const cookie = await token("D001");
  const [claim, signature] = cookie.slice("qudao_session=".length).split(".");
  const [other] = (await token("D002")).slice("qudao_session=".length).split(".");
  const flipped = (signature[0] === "A" ? "B" : "A") + signature.slice(1);
  for (const forged of [`${other}.${signature}`, `${claim}.${flipped}`, `${claim}.`, claim, `.${signature}`, `${claim}.${signature.slice(1)}`, `${claim}.${signature}A`, "", "."]) {
    await refused(`qudao_session=${forged}`);
  }
});
