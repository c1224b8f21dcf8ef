// The edge: serves the page, signs dealers in, and hands orders to the brand's ledger, which decides on them.
import dealers from "./dealers.json";
import { Refusal, json, object, readJson, respond } from "./http.mjs";
import { signedIn, startSession } from "./session.mjs";
export { Ledger } from "./ledger.mjs";

const routes = [
  { path: /^\/api\/dealers$/, GET: listDealers },
  { path: /^\/api\/sign-in$/, POST: signIn },
  { path: /^\/api\/facts$/, GET: facts },
  { path: /^\/api\/slice$/, GET: slice },
  { path: /^\/api\/orders$/, GET: listOrders, POST: submitOrder },
  { path: /^\/api\/orders\/([\w-]{8,64})$/, GET: readOrder },
];

export default {
  async fetch(request, env) {
    try {
      const url = new URL(request.url);
      return url.pathname.startsWith("/api/") ? await api(request, env, url) : await page(request, env, url);
    } catch (fault) {
      if (fault instanceof Refusal) return fault.answer();
      console.error(fault);
      return new Refusal(500, "INTERNAL", "the server failed; nothing was decided").answer();
    }
  },
};

async function api(request, env, { pathname, protocol }) {
  const route = routes.find(({ path }) => path.test(pathname));
  if (!route) throw new Refusal(404, "NOT_FOUND", `no such path: ${pathname}`);
  const handler = Object.hasOwn(route, request.method) ? route[request.method] : undefined;
  if (typeof handler !== "function") {
    const allow = Object.keys(route).filter((key) => key !== "path").join(", ");
    throw new Refusal(405, "METHOD", `${request.method} is not possible here; use ${allow}`, { headers: { allow } });
  }
  return handler({ request, env, id: route.path.exec(pathname)[1], secure: protocol === "https:" });
}

/** Demo only, for choosing one without a password. Grade, region and channel come with their names: nobody has a policy before signing in. */
async function listDealers({ env }) {
  return relay(await ledger(env).dealers());
}

/** Demo only: naming a dealer is enough, there is no password. A real brand puts its own identity provider here and keeps the rest. */
async function signIn({ request, env, secure }) {
  const { dealer } = object(await readJson(request), "", ["dealer"], ["dealer"]);
  if (!dealers.some(({ id }) => id === dealer)) throw new Refusal(404, "DEALER_UNKNOWN", "no such dealer", { path: "dealer" });
  return json({ dealer }, { headers: { "set-cookie": await startSession(env, dealer, Date.now(), secure) } });
}

async function facts({ request, env }) {
  return relay(await ledger(env).facts(await dealerOf(request, env)));
}

/** The part of the policy that this dealer can meet; the whole policy never leaves the server. */
async function slice({ request, env }) {
  const { tag, bytes } = granted(await ledger(env).slice(await dealerOf(request, env), request.headers.get("if-none-match")));
  const headers = { "content-type": "application/octet-stream", "cache-control": "private, no-cache", etag: tag };
  return bytes ? respond(bytes, 200, headers) : respond(null, 304, headers);
}

async function listOrders({ request, env }) {
  return relay(await ledger(env).list(await dealerOf(request, env)));
}

async function readOrder({ request, env, id }) {
  return relay(await ledger(env).read(await dealerOf(request, env), id));
}

async function submitOrder({ request, env }) {
  const dealer = await dealerOf(request, env);
  const body = object(await readJson(request), "", ["client_order_id", "order", "claimed"], ["client_order_id", "order", "claimed"]);
  if (typeof body.client_order_id !== "string" || !/^[\w-]{8,64}$/.test(body.client_order_id)) {
    throw new Refusal(400, "SCHEMA", "`client_order_id` is 8 to 64 letters, digits, `-` or `_`", { path: "client_order_id" });
  }
  // An order is intent: no price and no source. The ledger says where it came from.
  object(body.order, "order", ["schema", "ship_to", "deliver", "delivery", "fulfilled_by", "redeem", "lines", "coupons", "gifts", "decline", "attributes"], ["lines"]);
  object(body.claimed, "claimed", ["result_hash", "payable", "lines"], ["result_hash"]);
  return relay(await ledger(env).submit(dealer, body));
}

/** The dealer who asks, as long as the brand knows one of this id. */
async function dealerOf(request, env) {
  const dealer = await signedIn(env, request, Date.now());
  if (!dealers.some(({ id }) => id === dealer)) throw new Refusal(403, "DEALER_STATUS", "this dealer is no longer served");
  return dealer;
}

/** One ledger per brand; this edge serves one brand. */
function ledger(env) {
  return env.LEDGER.get(env.LEDGER.idFromName("brand"));
}

/** The ledger answers across the object boundary with plain data: a refusal, or what was asked for. */
function granted(answer) {
  const { refusal } = answer;
  if (refusal) throw new Refusal(refusal.status, refusal.code, refusal.message, refusal);
  return answer;
}

/** Sends the JSON text of an answer. */
function relay(answer) {
  const { text, replayed } = granted(answer);
  return json(text, replayed ? { headers: { "idempotency-replayed": "true" } } : undefined);
}

const TYPES = {
  html: "text/html; charset=utf-8", css: "text/css; charset=utf-8", js: "text/javascript; charset=utf-8", mjs: "text/javascript; charset=utf-8",
  json: "application/json", map: "application/json", webmanifest: "application/manifest+json", wasm: "application/wasm", svg: "image/svg+xml", png: "image/png",
};

/** A file of the page. A segment starts with a letter or digit, so `..`, dotfiles, empty segments and escapes name nothing. */
async function page(request, env, { pathname }) {
  const path = pathname === "/" ? "/index.html" : pathname;
  const type = TYPES[/^(?:\/[A-Za-z0-9][\w.-]*)+\.([a-z]+)$/.exec(path)?.[1]];
  if (!type) throw new Refusal(404, "NOT_FOUND", "no such page");
  if (request.method !== "GET" && request.method !== "HEAD") throw new Refusal(405, "METHOD", "use GET", { headers: { allow: "GET, HEAD" } });
  const file = await env.PUBLIC.fetch(`http://public${path}`, { method: request.method });
  if (!file.ok) throw new Refusal(404, "NOT_FOUND", "no such page");
  const etag = `"${file.headers.get("content-length")}-${Date.parse(file.headers.get("last-modified"))}"`;
  const headers = { "content-type": type, "cache-control": "no-cache", etag };
  if (request.headers.get("if-none-match") === etag) {
    await file.body?.cancel();
    return respond(null, 304, headers);
  }
  return respond(file.body, 200, headers);
}
