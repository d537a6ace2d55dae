import { inject } from "vitest";

/** How what is tested here is started: a program and the arguments that come before ours. */
export interface Entry {
  file: string;
  args: string[];
}

declare module "vitest" {
  interface ProvidedContext {
    entry: Entry;
    /** The folder of the project that has installed the package; there is none for the executable. */
    project: string;
  }
}

/** What this run of the suite tests. */
export function shippedEntry(): Entry {
  return inject("entry");
}
