import { it } from "vitest";

/** A test of those agents alone of which it can be asked. */
export function itIf(asked: boolean, title: string, test: () => Promise<void>): void {
  if (asked) it(title, test);
}
