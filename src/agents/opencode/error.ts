/** The server has refused a request, or answered what nobody understands. */
export class OpencodeError extends Error {
  override readonly name = "OpencodeError";
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** The server answers, but not what concerns a folder: a plugin of that folder may hang. */
export class FolderSilent extends Error {
  override readonly name = "FolderSilent";
}
