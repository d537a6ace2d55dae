import type { OpencodeHttp } from "./http.ts";

/** The directories that servers have open, and the sessions that work in them. */
export class Directories {
  /** Identities of the directories at the time when each server opened them. */
  readonly #identities = new WeakMap<OpencodeHttp, Map<string, string>>();
  /** Number of running turns by directory. */
  readonly #turns = new Map<string, number>();

  /** Counts a turn until the result is disposed. */
  work(directory: string): Disposable {
    this.#turns.set(directory, this.turns(directory) + 1);
    return {
      [Symbol.dispose]: () => {
        const left = this.turns(directory) - 1;
        if (left > 0) this.#turns.set(directory, left);
        else this.#turns.delete(directory);
      },
    };
  }

  turns(directory: string): number {
    return this.#turns.get(directory) ?? 0;
  }

  /**
   * Makes a server close a directory that was removed and created again. The server keeps what it
   * read of the directory when it opened it, also that the directory did not exist: every later
   * message there fails (1.18.33). A directory in which another turn runs stays open, because the
   * turn would end: the result is then false.
   */
  async renew(http: OpencodeHttp, directory: string, identity: string): Promise<boolean> {
    const known = this.#identities.get(http) ?? new Map<string, string>();
    this.#identities.set(http, known);
    const before = known.get(directory);
    if (before === identity) return true;
    if (before !== undefined) {
      if (this.turns(directory) > 1) return false;
      await http.request("POST", "/instance/dispose", { directory });
    }
    known.set(directory, identity);
    return true;
  }
}
