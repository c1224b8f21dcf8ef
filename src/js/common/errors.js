/** Every fault of an input at once; see `index.d.ts`. */
export class QudaoError extends Error {
  constructor(faults, options) {
    super(faults.map(({ path, message, help }) => `${path && `${path}: `}${message}${help && ` (${help})`}`).join("\n"), options);
    this.name = "QudaoError";
    this.code = faults[0].code;
    this.path = faults[0].path;
    this.faults = faults;
  }
}

/** An error with one fault that has no place in an input. */
export function failure(code, message, help, cause) {
  return new QudaoError([{ code, path: "", value: "", message, help }], cause === undefined ? undefined : { cause });
}
