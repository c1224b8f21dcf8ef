import { failure } from "./errors.js";

export function isWasm(bytes) {
  return bytes.length > 4 && bytes[0] === 0 && bytes[1] === 0x61 && bytes[2] === 0x73 && bytes[3] === 0x6d;
}

export async function compile(bytes) {
  try {
    return await WebAssembly.compile(bytes);
  } catch (cause) {
    throw refused(cause);
  }
}

/** Says in the user's words why a runtime would not compile. */
export function refused(cause) {
  // Chromium asks for 'unsafe-eval' where less is enough.
  if (/content.security.policy|blocked by csp|unsafe-eval/i.test(cause.message))
    return failure("COMPILE_REFUSED", "the page's Content-Security-Policy forbids WebAssembly", "add 'wasm-unsafe-eval' to script-src; 'unsafe-eval' is not needed", cause);
  if (/disallowed by embedder/i.test(cause.message))
    return failure("COMPILE_REFUSED", "this runtime compiles no bytes", 'import the file, `import policy from "./policy.wasm"`, and load that', cause);
  return failure("MODULE_INVALID", "these bytes are no WebAssembly module that this runtime knows", "build it again", cause);
}
