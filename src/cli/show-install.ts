import { setInterval } from "node:timers/promises";
import type { Installed, Installer } from "../install/installer.ts";
import { createProgressDisplay } from "./progress-bar.ts";

const REDRAW_MS = 100;

/** Waits for an installation, and shows on stderr meanwhile how far it is. */
export async function showInstall(
  installer: Installer,
  agent: string,
  install: () => Promise<Installed>,
): Promise<Installed> {
  const display = createProgressDisplay(process.stderr);
  const done = new AbortController();
  const watching = watch(done.signal, () => {
    const progress = installer.progress(agent);
    if (progress) display.show(agent, progress);
  });
  try {
    return await install();
  } finally {
    done.abort();
    await watching;
    display.clear();
  }
}

async function watch(signal: AbortSignal, look: () => void): Promise<void> {
  try {
    for await (const _ of setInterval(REDRAW_MS, undefined, { signal })) look();
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
