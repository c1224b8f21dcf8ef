// The server's doors. Nothing else on this page speaks to the network.

/** A request that the server refused; `code` is the contract. */
export class ApiError extends Error {
  constructor(status, { code, message, path }) {
    super(message);
    Object.assign(this, { status, code, path });
  }
}

/** No answer came: offline, or the connection broke. What was sent may have arrived. */
export class NoAnswer extends Error {}

const SLICE = "/api/slice";

export const dealers = () => call("/api/dealers");
export const signIn = (dealer) => call("/api/sign-in", { dealer });
export const facts = () => call("/api/facts");
export const orders = () => call("/api/orders");
export const order = (id) => call(`/api/orders/${encodeURIComponent(id)}`);
export const submit = (body) => call("/api/orders", body);

/** What of the policy the dealer can meet. It is kept for use without a network, one at a time: the next dealer's takes its place. */
export async function slice() {
  const kept = await globalThis.caches?.open("qudao-slice");
  let response;
  try {
    response = await fetch(SLICE);
    if (response.ok) await kept?.put(SLICE, response.clone());
  } catch (cause) {
    response = await kept?.match(SLICE);
    if (!response) throw new NoAnswer(SLICE, { cause });
  }
  if (!response.ok) throw new ApiError(response.status, await response.json());
  return response;
}

async function call(path, body) {
  let response, answer;
  try {
    response = await fetch(path, body && { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
    answer = await response.json();
  } catch (cause) {
    throw new NoAnswer(path, { cause });
  }
  if (!response.ok) throw new ApiError(response.status, answer);
  return answer;
}
