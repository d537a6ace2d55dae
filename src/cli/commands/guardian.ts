import { runGuardian } from "../../io/guardian.ts";

/** The hidden mode in which our own executable watches over a daemon's children. */
export async function guardian(): Promise<number> {
  await runGuardian(process.stdin);
  return 0;
}
