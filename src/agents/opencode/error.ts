/** The server has refused a request, or answered what nobody understands. */
export class OpencodeError extends Error {
  override readonly name = "OpencodeError";
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}
