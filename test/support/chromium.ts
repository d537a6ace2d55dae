import { type Browser, chromium } from "playwright-core";
import { temporaryHome } from "./sandbox.ts";

/** A headless Chromium of the system, in a home of its own. */
export interface RunningChromium extends AsyncDisposable {
  readonly browser: Browser;
}

/** Starts the Chromium that Debian's package installs. */
export async function startChromium(): Promise<RunningChromium> {
  const home = await temporaryHome();
  const browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    // Its own sandbox does not work as root.
    args: ["--no-sandbox"],
    env: { ...home.env },
  });
  return {
    browser,
    async [Symbol.asyncDispose]() {
      await browser.close();
      await home[Symbol.asyncDispose]();
    },
  };
}
