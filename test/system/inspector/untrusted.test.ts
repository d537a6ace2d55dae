import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { UniversalEvent } from "../../../src/schema/event.ts";
import { type Daemon, startDaemon } from "../../support/daemon.ts";
import { hostileEvents } from "../../support/hostile-events.ts";
import { inspectorBrowser } from "../../support/inspector.ts";
import { post } from "../../support/post-json.ts";
import { type TemporaryHome, temporaryHome } from "../../support/sandbox.ts";

vi.setConfig({ testTimeout: 90_000 });
const browser = inspectorBrowser();
let home: TemporaryHome;
let daemon: Daemon;

beforeAll(async () => {
  home = await temporaryHome();
  daemon = await startDaemon({ home, args: ["--no-token", "--offline"] });
  await post(`${daemon.url}/v1/sessions/s`, { agent: "mock" });
});
afterAll(async () => {
  await daemon[Symbol.asyncDispose]();
  await home[Symbol.asyncDispose]();
});

/** Without code points a page shows `echo safe# touch sneaky.txt && touch sneaky.txt`. */
const spoofed = "echo safe\u200b# \u202etxt.yaknaes hcuot\u202c && touch sneaky.txt";
const spoofedAsShown = "echo safe<U+200B># <U+202E>txt.yaknaes hcuot<U+202C> && touch sneaky.txt";

interface Served {
  events?: readonly object[];
  /** Members of the session that differ from those of the daemon. */
  info?: object;
  height?: number;
  colorScheme?: "light" | "dark";
}

/** Opens the page of the session `s` with these events. */
async function open({ events = [], info = {}, height = 900, colorScheme = "light" }: Served) {
  const options = { viewport: { width: 1100, height }, colorScheme };
  const tab = await browser.open("about:blank", options);
  const { page } = tab;
  const first = { firstSequence: 1, lastSequence: events.length, eventCount: events.length };
  await page.route(/\/v1\/sessions(\/s)?$/, async (route) => {
    const response = await route.fetch();
    const answer: unknown = await response.json();
    const { sessions } = answer as { sessions?: object[] };
    const json = sessions
      ? { sessions: sessions.map((one) => ({ ...one, ...info })) }
      : { ...(answer as object), ...first, ...info };
    await route.fulfill({ response, json });
  });
  await page.route(/\/events\?/, async (route) => {
    await route.fulfill({ json: { events, hasMore: false } });
  });
  // The stream stays open and brings no event.
  await page.route(/\/events\/sse/, () => undefined);
  await page.goto(`${daemon.url}/ui/sessions/s`);
  await page.getByText("running").or(page.getByText("idle")).first().waitFor();
  return tab;
}

function permission(action: string, metadata: object, number = 1): object {
  return {
    event_id: `evt_${number}`,
    sequence: number,
    time: "2026-11-30T12:00:00.000Z",
    session_id: "s",
    native_session_id: null,
    synthetic: false,
    source: "agent",
    raw: null,
    type: "permission.requested",
    data: { permission_id: `p${number}`, action, status: "requested", metadata },
  };
}

const card = (page: Page, action: string) =>
  page.getByRole("region", { name: `Permission for ${action}` });
const allow = (page: Page) => page.getByRole("button", { name: "Allow once" });

describe("a permission card", () => {
  it.each(["light", "dark"] as const)(
    "shows a spoofed command in its order (%s)",
    async (scheme) => {
      const metadata = { tool: "Bash", command: spoofed, input: { command: spoofed } };
      await using tab = await open({ events: [permission("Bash", metadata)], colorScheme: scheme });
      const command = card(tab.page, "Bash").locator(".asked");
      await command.waitFor();
      expect(await command.innerText()).toBe(spoofedAsShown);
      expect(await command.locator(".code-point").allInnerTexts()).toEqual([
        "<U+200B>",
        "<U+202E>",
        "<U+202C>",
      ]);
      // From left to right the pieces have the order of the command.
      const lefts = await command.evaluate((element) => {
        const found: number[] = [];
        const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
        while (walker.nextNode()) {
          const range = document.createRange();
          range.selectNode(walker.currentNode);
          found.push(range.getBoundingClientRect().left);
        }
        return found;
      });
      expect(lefts).toEqual(lefts.toSorted((a, b) => a - b));
    },
  );

  it("marks a typed code point apart from a replaced character", async () => {
    const metadata = { command: "echo '<U+202E>'" };
    await using tab = await open({ events: [permission("Bash", metadata)] });
    const command = card(tab.page, "Bash").locator(".asked");
    await command.waitFor();
    expect(await command.innerText()).toBe("echo '<U+003C>U+202E>'");
    expect(await command.locator(".code-point").allInnerTexts()).toEqual(["<U+003C>"]);
  });

  it("shows letters of a right-to-left script in the order of the command", async () => {
    const metadata = { command: "echo א && rm ב" };
    await using tab = await open({ events: [permission("Bash", metadata)] });
    const command = card(tab.page, "Bash").locator(".asked");
    await command.waitFor();
    const lefts = await command.evaluate((element) => {
      const text = element.firstChild;
      return Array.from({ length: text?.nodeValue?.length ?? 0 }, (_, at) => {
        const range = document.createRange();
        if (!text) return 0;
        range.setStart(text, at);
        range.setEnd(text, at + 1);
        return range.getBoundingClientRect().left;
      });
    });
    expect(lefts.length).toBe(14);
    expect(lefts).toEqual(lefts.toSorted((a, b) => a - b));
  });

  it("shows lines as lines, and what follows many spaces without scrolling", async () => {
    const metadata = { command: `echo safe\n${" ".repeat(3_000)}rm -rf x` };
    await using tab = await open({ events: [permission("Bash", metadata)] });
    const command = card(tab.page, "Bash").locator(".asked");
    await command.waitFor();
    const { clientHeight, scrollHeight, clientWidth, scrollWidth } = await command.evaluate(
      ({ clientHeight, scrollHeight, clientWidth, scrollWidth }) => ({
        clientHeight,
        scrollHeight,
        clientWidth,
        scrollWidth,
      }),
    );
    expect([scrollHeight, scrollWidth]).toEqual([clientHeight, clientWidth]);
    expect(clientHeight).toBeGreaterThan(300);
  });

  it.each([
    ["command", { command: `echo ${"x".repeat(10_000)}; rm -rf x` }, "; rm -rf x"],
    ["command of many lines", { command: `${"\n".repeat(500)}rm -rf x` }, "rm -rf x"],
    ["input", { input: { url: `http://a/${"x".repeat(20_000)}?end` } }, "?end"],
    ["diff", { diff: `@@ -0,0 +1,300 @@\n${"+x\n".repeat(299)}+last\n` }, "last"],
  ])("allows a long %s only when all of it is shown", async (_, metadata, end) => {
    await using tab = await open({ events: [permission("Do", metadata)] });
    const { page } = tab;
    await allow(page).waitFor();
    expect(await allow(page).isDisabled()).toBe(true);
    expect(await page.getByRole("button", { name: "Reject" }).isDisabled()).toBe(false);
    expect(await card(page, "Do").innerText()).not.toContain(end);
    await page.getByRole("button", { name: "Show the whole request" }).click();
    await expect.poll(() => allow(page).isDisabled()).toBe(false);
    expect(await card(page, "Do").innerText()).toContain(end);
  });

  it("shows the whole input of a request that has neither command nor path", async () => {
    const input = { query: "all users", nested: { drop: ["table"] } };
    const metadata = { tool: "db.query", input };
    await using tab = await open({ events: [permission("mcpToolCall", metadata)] });
    const asked = card(tab.page, "mcpToolCall");
    await asked.getByText("db.query").first().waitFor();
    await asked.getByText("all users").first().waitFor();
    expect(await asked.innerText()).toContain('"drop"');
  });

  it("shows a removed line that looks like the header of a file", async () => {
    const diff = "--- a\n+++ a\n@@ -1,2 +1,1 @@\n--- check(user)\n+++ skip(user)\n-x\n";
    await using tab = await open({ events: [permission("Edit", { paths: ["/a"], diff })] });
    await card(tab.page, "Edit").locator(".diff-removed").first().waitFor();
    const removed = await card(tab.page, "Edit").locator(".diff-removed code").allInnerTexts();
    expect(removed.join("\n")).toContain("-- check(user)");
  });
});

const hostile =
  "echo safe\u200b# \u202etxt\u202c\u001b[2J\u0085\u00ad\u2028\u{e0041}\ufe0f\u3164 end";

/** Text and labels of the page that hold characters which hide or reorder others. */
async function hidden(page: Page): Promise<string[]> {
  return await page.evaluate(() => {
    const never = /(?![\t\n])[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069\u{e0000}-\u{e007f}]/u;
    const exact = /\u200b|\u00ad|\ufe0f|\u3164/;
    const labels = ["title", "aria-label", "alt", "placeholder", "label"];
    const found: string[] = [];
    for (const element of document.body.querySelectorAll("*")) {
      const isProse =
        element.closest(".markdown, .plain, .queue, textarea") !== null &&
        element.closest("code") === null;
      const texts = [...element.childNodes]
        .filter((node) => node.nodeType === Node.TEXT_NODE)
        .map((node) => node.nodeValue ?? "");
      const shown = labels.map((name) => element.getAttribute(name) ?? "");
      for (const text of [...texts, ...shown]) {
        if (never.test(text) || (!isProse && exact.test(text))) {
          found.push(`${element.tagName}.${element.className}: ${JSON.stringify(text)}`);
        }
      }
    }
    return found;
  });
}

/** Opens every fold, and the folds within it. */
async function unfold(page: Page): Promise<void> {
  for (let depth = 0; depth < 3; depth++) {
    await page.evaluate(() => {
      for (const details of document.querySelectorAll<HTMLDetailsElement>("details:not([open])")) {
        details.open = true;
      }
    });
    await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(drawn)));
  }
}

/** Every kind of event in an order in which the end of the session comes last. */
function allEvents(): UniversalEvent[] {
  const events = hostileEvents(hostile);
  const isEnd = ({ type }: UniversalEvent) => type === "session.ended";
  const ordered = [...events.filter((event) => !isEnd(event)), ...events.filter(isEnd).slice(0, 1)];
  return ordered.map((event, index) => ({
    ...event,
    sequence: index + 1,
    event_id: `evt_${index + 1}`,
  }));
}

describe("of hostile text in every member of every event", () => {
  const info = { title: hostile, model: hostile, directory: hostile, variant: hostile };

  it("the conversation shows nothing with a character that hides or reorders", async () => {
    await using tab = await open({ events: allEvents(), info, height: 20_000 });
    const { page } = tab;
    await page.getByText("The session has ended.").first().waitFor();
    await unfold(page);
    expect(await page.locator(".scroll-row").count()).toBeGreaterThan(25);
    expect(await page.locator(".code-point").count()).toBeGreaterThan(200);
    expect(await hidden(page)).toEqual([]);
    expect(tab.faults).toEqual([]);
  });

  it("the list of events shows nothing with a character that hides or reorders", async () => {
    await using tab = await open({ events: allEvents(), info, height: 20_000 });
    const { page } = tab;
    await page.getByRole("button", { name: /^Events/ }).click();
    await page.locator(".event").first().waitFor();
    await unfold(page);
    expect(await page.locator(".event[open] .json .code-point").count()).toBeGreaterThan(200);
    expect(await hidden(page)).toEqual([]);
  });

  it("the agents and their doctor show nothing with a character that hides or reorders", async () => {
    await using tab = await open({ info });
    const { page } = tab;
    await page.route(/\/v1\/agents$/, async (route) => {
      const response = await route.fetch();
      const { agents } = (await response.json()) as { agents: object[] };
      const json = { agents: agents.map((one) => ({ ...one, version: hostile, path: hostile })) };
      await route.fulfill({ response, json });
    });
    await page.route(/\/doctor/, async (route) => {
      const check = { id: "a", title: hostile, status: "failed", detail: hostile, cure: hostile };
      const json = { agent: "mock", status: "failed", checks: [check] };
      await route.fulfill({ json });
    });
    await page.getByRole("link", { name: "Agents" }).click();
    await page.locator(".facts .code-point").first().waitFor();
    await page.getByRole("button", { name: "Can it work here?" }).first().click();
    await page.locator(".checks .code-point").first().waitFor();
    expect(await hidden(page)).toEqual([]);
  });
});

it("a message keeps joined emoji and the joiners of scripts, and its code shows them", async () => {
  const text = "👩‍👩‍👧 می‌خواهم `a\u200db`";
  const content = [{ type: "text", text }];
  const item = { kind: "message", role: "assistant", status: "completed", item_id: "i", content };
  const data = { item: { ...item, native_item_id: null, parent_id: null } };
  const event = { ...permission("x", {}), type: "item.completed", data };
  await using tab = await open({ events: [event] });
  const message = tab.page.locator(".markdown");
  await message.waitFor();
  expect(await message.innerText()).toBe("👩‍👩‍👧 می‌خواهم a<U+200D>b");
});
