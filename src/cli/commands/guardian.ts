import { runGuardian } from "../../io/guardian.ts";

/** The hidden mode in which our own executable watches over a daemon's children. */
export async function guardian(): Promise<void> {
  await runGuardian(process.stdin);
}
