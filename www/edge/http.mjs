// What every request and answer has in common: bodies read with a limit, typed refusals, security headers.

/** The largest request body. 500 lines of 64-character SKUs with a claimed net each are about 60 KB. */
export const BODY_BYTES_MAX = 64 * 1024;

const SECURITY = {
  "content-security-policy": [
    "default-src 'none'", "script-src 'self' 'wasm-unsafe-eval'", "style-src 'self'", "img-src 'self' data:", "connect-src 'self'",
    "manifest-src 'self'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
  ].join("; "),
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
};

/** A request that is refused: answered as `{code, message, path?}`. */
export class Refusal extends Error {
  constructor(status, code, message, { path, faults, headers } = {}) {
    super(message);
    Object.assign(this, { status, code, path, faults, headers });
  }
  answer() {
    return json({ code: this.code, message: this.message, path: this.path, faults: this.faults }, { status: this.status, headers: this.headers });
  }
}

/** An answer of the API: JSON, never cached. */
export function json(value, { status = 200, headers } = {}) {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return respond(text, status, { "content-type": "application/json", "cache-control": "no-store", ...headers });
}

/** Any answer, with the security headers. */
export function respond(body, status, headers) {
  return new Response(body, { status, headers: { ...SECURITY, ...headers } });
}

/** The request's JSON object. Other content types, other origins, more than the limit and anything but one JSON object are refused. */
export async function readJson(request) {
  const type = request.headers.get("content-type") ?? "";
  if (!/^application\/json\s*(;\s*charset=utf-8\s*)?$/i.test(type)) {
    throw new Refusal(415, "CONTENT_TYPE", "send `content-type: application/json`");
  }
  const origin = request.headers.get("origin");
  if (origin !== null && URL.parse(origin)?.host !== new URL(request.url).host) {
    throw new Refusal(403, "CROSS_ORIGIN", "this page belongs to another host");
  }
  const text = decode(await readBytes(request));
  let value;
  try {
    value = JSON.parse(text);
  } catch (fault) {
    throw new Refusal(400, "JSON", `the body is not JSON: ${fault.message}`);
  }
  if (!isShallow(value, DEPTH_MAX)) throw new Refusal(400, "SCHEMA", `the body is nested deeper than ${DEPTH_MAX}`);
  return object(value, "");
}

/** Deeper than any order; what walks the body after this cannot run out of stack. */
const DEPTH_MAX = 8;

function isShallow(value, depth) {
  return typeof value !== "object" || value === null || (depth > 0 && Object.values(value).every((inner) => isShallow(inner, depth - 1)));
}

async function readBytes(request) {
  const tooLarge = () => new Refusal(413, "TOO_LARGE", `the body is larger than ${BODY_BYTES_MAX} bytes`);
  if (Number(request.headers.get("content-length")) > BODY_BYTES_MAX) throw tooLarge();
  const chunks = [];
  let length = 0;
  for await (const chunk of request.body ?? []) {
    length += chunk.byteLength;
    if (length > BODY_BYTES_MAX) throw tooLarge();
    chunks.push(chunk);
  }
  return new Blob(chunks).arrayBuffer();
}

function decode(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Refusal(400, "JSON", "the body is not UTF-8");
  }
}

/** `value` if it is an object with no other keys than `known`, of which those in `needed` are there. */
export function object(value, path, known, needed = []) {
  const at = (key) => (path ? `${path}.${key}` : key);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Refusal(400, "SCHEMA", `${path ? `\`${path}\`` : "the body"} is not an object`, { path });
  }
  for (const key of known ? Object.keys(value) : []) {
    if (!known.includes(key)) {
      throw new Refusal(400, "UNKNOWN_FIELD", `unknown field \`${key.slice(0, 64)}\`; known: ${known.join(", ")}`, { path: at(key.slice(0, 64)) });
    }
  }
  for (const key of needed) {
    if (!Object.hasOwn(value, key)) throw new Refusal(400, "MISSING_FIELD", `field \`${key}\` is missing`, { path: at(key) });
  }
  return value;
}
