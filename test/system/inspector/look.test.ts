import axe, { type AxeResults } from "axe-core";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Daemon, startDaemon } from "../../support/daemon.ts";
import { inspectorBrowser } from "../../support/inspector.ts";
import { post } from "../../support/post-json.ts";
import { type TemporaryHome, temporaryHome } from "../../support/sandbox.ts";

const browser = inspectorBrowser();
let home: TemporaryHome;
let daemon: Daemon;

beforeAll(async () => {
  home = await temporaryHome();
  daemon = await startDaemon({ home, args: ["--no-token", "--offline"] });
  const titles = ["Short", "A".repeat(200), "What a session is for, in so many words ".repeat(5)];
  for (const [index, title] of titles.entries()) {
    await post(`${daemon.url}/v1/sessions/${"long-id-".repeat(20)}${index}`, {
      agent: "mock",
      title,
    });
  }
});
afterAll(async () => {
  await daemon[Symbol.asyncDispose]();
  await home[Symbol.asyncDispose]();
});

const AWAY = "Connect to a daemon";
const pages: readonly [name: string, path: string, shown: string][] = [
  ["the list", "/ui/", "Choose a session"],
  ["a session", `/ui/sessions/${"long-id-".repeat(20)}1`, "Conversation"],
  ["a session that there is not", "/ui/sessions/nobody", "There is no session nobody"],
  ["a new session", "/ui/new", "Mock has no variants."],
  ["the agents", "/ui/agents", "Claude Code"],
  ["the requests", "/ui/requests", "What this page has asked"],
  ["a link to another daemon", "/ui/#url=http://127.0.0.1:9", "This link uses another daemon"],
  ["a daemon that is away", "/ui/?url=http://127.0.0.1:9", AWAY],
];
const widths = [390, 1024, 1920];

/** Waits for the text of a page; to another daemon the person has to agree before. */
async function arrive(page: Page, shown: string): Promise<void> {
  if (shown === AWAY)
    await page.getByRole("button", { name: "Connect to the other daemon" }).click();
  await page.getByText(shown).first().waitFor({ state: "attached" });
}

async function unfold(page: Page): Promise<void> {
  for (const summary of await page.locator("summary").all()) await summary.click();
}

describe.each(["light", "dark"] as const)("in %s", (colorScheme) => {
  it.each(pages)(
    "%s has nothing serious against those who see or reach less",
    async (_, path, shown) => {
      await using tab = await browser.open(`${daemon.url}${path}`, { colorScheme });
      await arrive(tab.page, shown);
      await unfold(tab.page);
      await tab.page.evaluate(axe.source);
      const results = await tab.page.evaluate<AxeResults>("axe.run()");
      const serious = results.violations
        .filter(({ impact }) => impact === "serious" || impact === "critical")
        .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join("\n")}`);
      expect(serious).toEqual([]);
      expect(results.passes.length).toBeGreaterThan(10);
    },
  );
});

describe.each(widths)("at a width of %d", (width) => {
  it.each(pages)("%s is not wider than the screen", async (_, path, shown) => {
    const viewport = { width, height: 800 };
    await using tab = await browser.open(`${daemon.url}${path}`, { viewport });
    await arrive(tab.page, shown);
    await unfold(tab.page);
    // Of each thing that is seen: its right side, unless a thing around it scrolls or cuts it off.
    const beyond = await tab.page.evaluate(() =>
      [...document.querySelectorAll("body *")]
        .filter((element) => element.checkVisibility())
        .filter((element) => element.getBoundingClientRect().right > innerWidth + 0.5)
        .map((element) => element.outerHTML.slice(0, 100)),
    );
    expect(beyond).toEqual([]);
    expect(await tab.page.evaluate(() => document.documentElement.scrollHeight)).toBe(800);
  });
});

it("on a narrow screen a session takes the place of the list, on a wide one it stands beside", async () => {
  const id = `${"long-id-".repeat(20)}0`;
  for (const [width, isBeside] of [
    [390, false],
    [1024, true],
  ] as const) {
    const viewport = { width, height: 800 };
    await using tab = await browser.open(`${daemon.url}/ui/sessions/${id}`, { viewport });
    const list = tab.page.getByRole("complementary", { name: "Sessions", includeHidden: true });
    await list.waitFor({ state: "attached" });
    expect(await list.isVisible()).toBe(isBeside);
  }
});

it.each(widths)(
  "at a width of %d what is written stands in line with what was said",
  async (width) => {
    const viewport = { width, height: 800 };
    const path = `/v1/sessions/in-line-${width}`;
    for (const [address, body] of [
      [path, { agent: "mock" }],
      [`${path}/messages`, { message: "hello" }],
    ] as const) {
      await post(`${daemon.url}${address}`, body);
    }
    await using tab = await browser.open(`${daemon.url}/ui/sessions/in-line-${width}`, {
      viewport,
    });
    const { page } = tab;
    const sides = async (selector: string) => {
      const { x, width } = (await page.locator(selector).first().boundingBox()) ?? {};
      return x === undefined || width === undefined ? undefined : [x, x + width];
    };
    await page.locator(".message-user").waitFor();
    expect(await sides(".composer-row")).toEqual(await sides(".message-user"));
  },
);
