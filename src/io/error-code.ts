/** The code of an error of the system, such as `ENOENT`; undefined for any other error. */
export function errorCode(cause: unknown): string | undefined {
  return cause instanceof Error && "code" in cause ? String(cause.code) : undefined;
}
