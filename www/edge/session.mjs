// Who is asking: a signed cookie that names the dealer and when it expires.
import { Refusal } from "./http.mjs";

/** How long a sign-in holds: one working day. */
export const SESSION_SECONDS = 12 * 60 * 60;

const COOKIE = "qudao_session";
const CONTEXT = "qudao-session-v1:";  // what this key signs; a token of another kind never passes for a session
const SECRET_LENGTH_MIN = 32;
const utf8 = new TextEncoder();

/** The cookie that signs a dealer in until `SESSION_SECONDS` after `now`. */
export async function startSession(env, dealer, now, secure) {
  const claim = base64url(utf8.encode(JSON.stringify({ dealer, expires: now + SESSION_SECONDS * 1000 })));
  const signature = await crypto.subtle.sign("HMAC", await key(env), utf8.encode(CONTEXT + claim));
  return `${COOKIE}=${claim}.${base64url(signature)}; Path=/api; Max-Age=${SESSION_SECONDS}; HttpOnly; SameSite=Strict${secure ? "; Secure" : ""}`;
}

/** The dealer who is signed in. @throws {Refusal} `SIGNED_OUT` without a valid, unexpired token. */
export async function signedIn(env, request, now) {
  const cookies = (request.headers.get("cookie") ?? "").split(/;\s*/);
  const token = cookies.find((cookie) => cookie.startsWith(`${COOKIE}=`))?.slice(COOKIE.length + 1) ?? "";
  const [, claim, signature] = /^([\w-]{1,512})\.([\w-]{43})$/.exec(token) ?? [];
  // `verify` compares in constant time.
  if (!claim || !(await crypto.subtle.verify("HMAC", await key(env), bytes(signature), utf8.encode(CONTEXT + claim)))) throw signedOut();
  const { dealer, expires } = JSON.parse(new TextDecoder().decode(bytes(claim)));
  if (expires <= now) throw signedOut();
  return dealer;
}

const signedOut = () => new Refusal(401, "SIGNED_OUT", "sign in first: POST /api/sign-in");

let imported;
function key({ SESSION_SECRET: secret }) {
  if ((secret ?? "").length < SECRET_LENGTH_MIN) {
    throw new Refusal(500, "SECRET_MISSING", `set SESSION_SECRET to at least ${SECRET_LENGTH_MIN} random characters`);
  }
  return (imported ??= crypto.subtle.importKey("raw", utf8.encode(secret), { name: "HMAC", hash: "SHA-256" }, false, ["sign", "verify"]));
}

const base64url = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
