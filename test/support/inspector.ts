import type { BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll } from "vitest";
import { buildInspector } from "../../scripts/build-inspector.ts";
import { type RunningChromium, startChromium } from "./chromium.ts";

/** A Chromium in which the inspector is opened that is built of these sources. */
export interface InspectorBrowser extends AsyncDisposable {
  /** Opens an address in a tab of its own, in a context of its own. */
  open(address: string, options?: BrowserContextOptions): Promise<InspectorTab>;
}

/** A tab, and what it has done besides what is seen of it. */
export interface InspectorTab extends AsyncDisposable {
  readonly page: Page;
  /** The origins that it has asked for something. */
  readonly origins: ReadonlySet<string>;
  /** What scripts have thrown, and what the policy of the page has refused. */
  readonly faults: readonly string[];
}

/** Builds the inspector, where that has not been done, and starts a browser for it. */
export async function startInspectorBrowser(): Promise<InspectorBrowser> {
  await buildInspector();
  const chromium: RunningChromium = await startChromium();
  return {
    async open(address, options = {}) {
      const context = await chromium.browser.newContext(options);
      const page = await context.newPage();
      const origins = new Set<string>();
      const faults: string[] = [];
      page.on("request", (request) => {
        const { origin, protocol } = new URL(request.url());
        if (protocol !== "data:" && protocol !== "blob:") origins.add(origin);
      });
      page.on("pageerror", (error) => faults.push(error.message));
      page.on("console", (message) => {
        if (message.type() === "error" && message.text().includes("Content Security Policy")) {
          faults.push(message.text());
        }
      });
      await page.goto(address);
      return { page, origins, faults, [Symbol.asyncDispose]: () => context.close() };
    },
    [Symbol.asyncDispose]: () => chromium[Symbol.asyncDispose](),
  };
}

/** A browser for all tests of a file, from before the first until after the last. */
export function inspectorBrowser(): Pick<InspectorBrowser, "open"> {
  let browser: InspectorBrowser;
  beforeAll(async () => {
    browser = await startInspectorBrowser();
  });
  afterAll(() => browser[Symbol.asyncDispose]());
  return { open: (...address) => browser.open(...address) };
}
