/** The ways in which a planted file acts: it runs a command, or sends a request elsewhere. */
export interface Traps {
  /** A shell command that proves that it has run, by a marker with this name. */
  touch: (name: string) => string;
  /** A path whose existence proves that the code that names it has run. */
  marker: (name: string) => string;
  /** The base URL of a server that records the requests it receives. */
  evil: string;
}

/** Text files by path, relative to the folder in which they are planted. */
export type Files = Record<string, string>;
