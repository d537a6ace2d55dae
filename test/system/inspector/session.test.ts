import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Page } from "playwright-core";
import axe, { type AxeResults } from "axe-core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { UniversalEvent } from "../../../src/schema/event.ts";
import { startClaude } from "../../support/claude-daemon.ts";
import { CuttingProxy } from "../../support/cutting-proxy.ts";
import { type Daemon, startDaemon } from "../../support/daemon.ts";
import { inspectorBrowser } from "../../support/inspector.ts";
import { PIXEL_PNG } from "../../support/pixel.ts";
import { post } from "../../support/post-json.ts";
import { type TemporaryHome, temporaryHome } from "../../support/sandbox.ts";

// The mock agent takes its time over a demo.
vi.setConfig({ testTimeout: 90_000 });
/** Whatever is waited for is there sooner, or never. */
const WAIT_MS = 15_000;
const browser = inspectorBrowser();
let home: TemporaryHome;
let daemon: Daemon;
let sessions = 0;

beforeAll(async () => {
  home = await temporaryHome();
  daemon = await startDaemon({ home, args: ["--no-token", "--offline"] });
});
afterAll(async () => {
  await daemon[Symbol.asyncDispose]();
  await home[Symbol.asyncDispose]();
});

/** A new session of the mock agent, in a tab. */
async function open(colorScheme: "light" | "dark" = "light", width = 1024) {
  const id = `s${++sessions}`;
  await post(`${daemon.url}/v1/sessions/${id}`, { agent: "mock" });
  const options = { colorScheme, viewport: { width, height: 900 }, acceptDownloads: true };
  const tab = await browser.open(`${daemon.url}/ui/sessions/${id}`, options);
  tab.page.setDefaultTimeout(WAIT_MS);
  await message(tab.page).waitFor();
  return { ...tab, id };
}

const message = (page: Page) => page.getByRole("textbox", { name: "Message" });
const hello = (n: number) => ({ message: `hello ${n}` });
const rows = (page: Page) => page.getByRole("region", { name: "Conversation" });
const button = (page: Page, name: string | RegExp) => page.getByRole("button", { name });

/** Waits until so many turns have ended; of those before the last the rows may be out of sight. */
async function ended(page: Page, turns: number): Promise<void> {
  await page.getByText(`Turn ${turns} has ended.`).waitFor({ state: "attached" });
}

async function say(page: Page, text: string): Promise<void> {
  await message(page).fill(text);
  await message(page).press("Enter");
}

async function eventsOf(id: string): Promise<UniversalEvent[]> {
  const answer = await fetch(`${daemon.url}/v1/sessions/${id}/events`);
  const { events } = (await answer.json()) as { events: UniversalEvent[] };
  return events;
}

it("a message is sent, and its answer comes as Markdown", async () => {
  await using tab = await open();
  const { page } = tab;
  await say(page, "markdown");
  await rows(page).getByText("Turn completed").waitFor();
  await rows(page).getByRole("heading", { name: "Mock document" }).waitFor();
  await rows(page).getByRole("table").waitFor();
  const link = rows(page).getByRole("link").first();
  expect(await link.getAttribute("rel")).toContain("noopener");
  await rows(page).locator("pre code span").first().waitFor();
  expect(tab.faults).toEqual([]);
  expect([...tab.origins]).toEqual([daemon.url]);
});

it("a session is read while what draws it is on its way, and what colours code comes with the first code", async () => {
  const id = `s${++sessions}`;
  await post(`${daemon.url}/v1/sessions/${id}`, { agent: "mock" });
  await using tab = await browser.open("about:blank");
  const { page } = tab;
  const asked: string[] = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  const { promise: go, resolve: comeOn } = Promise.withResolvers<void>();
  await page.route(/\/assets\/show-/, async (route) => {
    await go;
    await route.continue();
  });
  await page.goto(`${daemon.url}/ui/sessions/${id}`, { waitUntil: "commit" });
  await expect.poll(() => asked).toContain(`/v1/sessions/${id}/events/sse`);
  expect(await page.locator("#inspector > *").count()).toBe(0);
  comeOn();
  await message(page).waitFor();
  // Read once, and followed by one stream.
  expect(asked.filter((path) => path.endsWith("/events/sse"))).toHaveLength(1);
  await say(page, "hello");
  await rows(page).getByText("Turn completed").waitFor();
  expect(asked.filter((path) => path.includes("highlight"))).toEqual([]);
  await say(page, "markdown");
  await rows(page).locator("pre code span").first().waitFor();
  expect(asked.filter((path) => path.includes("highlight"))).toHaveLength(1);
  expect(tab.faults).toEqual([]);
});

it("what was read ahead of a session that there is not is read no further", async () => {
  await using tab = await browser.open("about:blank");
  const { page } = tab;
  const asked: string[] = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await page.goto(`${daemon.url}/ui/sessions/nobody`);
  await page.getByRole("heading", { name: "There is no session nobody" }).waitFor();
  const count = () => asked.filter((path) => path === "/v1/sessions/nobody").length;
  const before = count();
  // The list is asked for again and again, the session is not.
  const lists = () => asked.filter((path) => path === "/v1/sessions").length;
  const seen = lists();
  await expect.poll(lists).toBeGreaterThan(seen + 1);
  expect(count()).toBe(before);
});

it("a permission and a question are answered in place, and what somebody else answers is taken away", async () => {
  await using tab = await open();
  const { page, id } = tab;
  await say(page, "permission");
  const first = page.getByRole("region", { name: "Permission for command_execution" });
  await first.getByText("echo mock", { exact: true }).waitFor();
  await first.getByRole("button", { name: "Allow once" }).click();
  await first.getByText("Allowed once").waitFor();
  const second = page.getByRole("region", { name: "Permission for file_change" });
  await second.getByRole("button", { name: "Reject" }).waitFor();
  await post(`${daemon.url}/v1/sessions/${id}/permissions/mock_1_permission_denied/reply`, {
    reply: "reject",
  });
  await second.getByText("Rejected").waitFor();
  expect(await second.getByRole("button", { name: "Reject" }).count()).toBe(0);
  await rows(page).getByText("Turn completed").waitFor();
  await say(page, "question");
  const asked = page.getByRole("region", { name: "Question of the agent" });
  await asked.first().getByLabel("Blue").check();
  await asked.first().getByRole("button", { name: "Answer", exact: true }).click();
  await asked.first().getByText("Answered").waitFor();
  await asked.last().getByPlaceholder("Or in other words").fill("Perhaps");
  await asked.last().getByRole("button", { name: "Answer", exact: true }).click();
  await ended(page, 2);
  const resolved = (await eventsOf(id)).flatMap(({ type, data }) =>
    type === "question.resolved" ? [data.answers] : [],
  );
  expect(resolved).toEqual([[["Blue"]], [["Perhaps"]]]);
});

it("a turn is interrupted, what waits is shown, and a session is ended and deleted once that is confirmed", async () => {
  await using tab = await open();
  const { page, id } = tab;
  await say(page, "demo");
  await say(page, "afterwards");
  await page.getByText("1 message waiting").waitFor();
  await button(page, "Interrupt").click();
  await rows(page).getByText("Turn interrupted").waitFor();
  await rows(page).getByText("Turn completed").waitFor();
  await page.getByText("1 message waiting").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "End", exact: true }).click();
  await button(page, "Keep it").click();
  expect(await message(page).isVisible()).toBe(true);
  await page.getByRole("button", { name: "End", exact: true }).click();
  await button(page, "End it").click();
  await rows(page).getByText("The session has ended.").waitFor();
  await page.getByText("It takes no more messages.").waitFor();
  await button(page, "Delete").click();
  await button(page, "Delete it").click();
  await page.waitForURL(`${daemon.url}/ui/`);
  expect((await fetch(`${daemon.url}/v1/sessions/${id}`)).status).toBe(404);
});

it("who turns the wheel up stays there while more is said, until he goes to the end", async () => {
  await using tab = await open();
  const { page, id } = tab;
  for (let n = 1; n <= 7; n++) await post(`${daemon.url}/v1/sessions/${id}/messages`, hello(n));
  await ended(page, 7);
  await rows(page).hover();
  await page.mouse.wheel(0, -300);
  await button(page, "To the end").waitFor();
  const top = () => rows(page).evaluate((element) => element.scrollTop);
  const before = await top();
  await post(`${daemon.url}/v1/sessions/${id}/messages`, hello(8));
  await ended(page, 8);
  expect(await top()).toBe(before);
  await button(page, "To the end").click();
  await rows(page).getByText("hello 8").last().waitFor();
  await button(page, "To the end").waitFor({ state: "detached" });
});

it("events are filtered, opened with the agent's own message, found from the conversation and back, and exported", async () => {
  await using tab = await open();
  const { page, id } = tab;
  await say(page, "error");
  await rows(page).getByText("Turn completed").waitFor();
  await say(page, "tool");
  await ended(page, 2);
  const card = page.getByRole("region", { name: "Tool mock.search" });
  await card.getByText("mock search results").waitFor();
  await card.getByRole("button", { name: "Show its events" }).first().click();
  const list = page.getByRole("region", { name: "Events" });
  await list.locator("summary").nth(1).waitFor();
  const call = (await eventsOf(id)).find(
    ({ type, data }) => type === "item.started" && data.item.kind === "tool_call",
  );
  const itemId = call?.type === "item.started" ? call.data.item.item_id : "";
  expect(await list.locator(".event-words").allTextContents()).toEqual([
    expect.stringContaining(`${itemId} tool_call`),
    expect.stringContaining(`${itemId} tool_call`),
  ]);
  await list.locator("summary").first().click();
  await button(page, "Show in the conversation").click();
  await page.locator(".marked").getByText("mock search results").waitFor();
  await button(page, /^Events/).click();
  await page.getByRole("button", { name: /^agent.unparsed/ }).click();
  await list.locator("summary").first().click();
  await list.getByText('"raw": "mock"').waitFor();
  await page.getByRole("button", { name: /^agent.unparsed/ }).click();
  await page.getByRole("searchbox").fill("Mock error");
  await page.getByText(/^1 of \d+ events$/).waitFor();
  const downloading = page.waitForEvent("download");
  await button(page, "Export these as JSONL").click();
  const file = await (await downloading).path();
  const lines = (await readFile(file, "utf8")).trim().split("\n");
  const known = (await eventsOf(id)).filter(({ type }) => type === "error");
  expect(lines.map((line) => JSON.parse(line))).toEqual(known);
});

it("all is done by keys alone: send, a new line, older messages, a permission, the views", async () => {
  await using tab = await open();
  const { page, id } = tab;
  await message(page).focus();
  await page.keyboard.type("first");
  await page.keyboard.press("Shift+Enter");
  await page.keyboard.type("line");
  await page.keyboard.press("Enter");
  await rows(page).getByText("Turn completed").waitFor();
  await page.keyboard.type("permission");
  await page.keyboard.press("Enter");
  await page.keyboard.press("ArrowUp");
  await page.getByRole("region", { name: "Permission for file_change" }).waitFor();
  await page.keyboard.press("ArrowDown");
  await rows(page).focus();
  for (const action of ["command_execution", "file_change"]) {
    const request = page.getByRole("region", { name: `Permission for ${action}` });
    const allow = request.getByRole("button", { name: "Allow once" });
    const isFocused = () => allow.evaluate((element) => element === document.activeElement);
    for (let presses = 0; presses < 60 && !(await isFocused()); presses++) {
      await page.keyboard.press("Tab");
    }
    await page.keyboard.press("Enter");
    await allow.waitFor({ state: "detached" });
  }
  await ended(page, 2);
  await message(page).focus();
  await page.keyboard.press("ArrowUp");
  expect(await message(page).inputValue()).toBe("permission");
  await page.keyboard.press("ArrowUp");
  expect(await message(page).inputValue()).toBe("first\nline");
  const said = (await eventsOf(id)).flatMap(({ type, data }) =>
    type === "item.completed" && data.item.role === "user" ? data.item.content : [],
  );
  expect(said[0]).toEqual({ type: "text", text: "first\nline" });
});

it("a file is attached and handed over", async () => {
  await using tab = await open();
  const { page, id } = tab;
  const files = { name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("noted") };
  await page.getByLabel("Files to attach").setInputFiles(files);
  await page.getByText("notes.txt").waitFor();
  await say(page, "hello");
  await rows(page).getByText("Turn completed").waitFor();
  expect(JSON.stringify(await eventsOf(id))).toContain("notes.txt");
});

it("a page that is loaded anew in the midst of a turn, over a connection that breaks off, has each event once", async () => {
  await using proxy = await CuttingProxy.start(daemon.url, () => ({
    kind: "cut",
    afterBytes: 900,
  }));
  const id = `s${++sessions}`;
  await post(`${daemon.url}/v1/sessions/${id}`, { agent: "mock" });
  await using tab = await browser.open(`${proxy.url}/ui/sessions/${id}`);
  const { page } = tab;
  await say(page, "demo");
  await rows(page).getByText("Mock assistant streaming delta.").waitFor();
  await page.reload();
  await rows(page).getByText("Turn completed").waitFor();
  await button(page, /^Events/).click();
  const count = (await eventsOf(id)).length;
  await page.getByText(`${count} events`, { exact: true }).waitFor();
  // The list is drawn once before it is led to its end.
  const last = page.locator(".event-sequence").last();
  await expect.poll(() => last.textContent()).toBe(String(count));
  expect(proxy.streams).toBeGreaterThan(2);
});

it("a daemon that is killed and started again is told of, with what becomes of its session", async () => {
  await using own = await temporaryHome();
  let running = await startDaemon({ home: own, args: ["--no-token", "--offline"] });
  const { port } = new URL(running.url);
  await post(`${running.url}/v1/sessions/s`, { agent: "mock" });
  await using tab = await browser.open(`${running.url}/ui/sessions/s`);
  const { page } = tab;
  await say(page, "hello");
  await rows(page).getByText("Turn completed").waitFor();
  await running.stop("SIGKILL");
  await page.getByText(/What you see is what it told last/).waitFor();
  // It is said once.
  expect(await page.locator(".strip").count()).toBe(1);
  expect(await rows(page).getByText("Turn completed").isVisible()).toBe(true);
  const args = ["--no-token", "--offline", "--port", port];
  running = await startDaemon({ home: own, args });
  await using _running = running;
  await page.getByText("There is no session s").waitFor();
  await post(`${running.url}/v1/sessions/s`, { agent: "mock" });
  await message(page).waitFor();
  await page.getByText("Nothing has been said yet.").waitFor();
});

it("a turn of the real Claude is held, with a permission that is clicked", async () => {
  await using claude = await startClaude();
  await claude.session(async (session) => {
    await using tab = await browser.open(`${claude.daemon.url}/ui/sessions/${session.id}`);
    const { page } = tab;
    await message(page).waitFor();
    await say(page, "go @@bash@@");
    const asks = page.locator(".card-asks");
    await asks.getByRole("button", { name: "Allow once" }).click();
    await rows(page).getByText("Turn completed").waitFor();
    const card = page.getByRole("region", { name: "Tool Bash" });
    await card.getByText("exit 0").waitFor();
    await page
      .locator(".session-state")
      .getByText(/\d in · \d+ out/)
      .waitFor();
  });
});

describe.each(["light", "dark"] as const)("in %s", (colorScheme) => {
  it("a session has nothing serious against those who see or reach less", async () => {
    await using tab = await open(colorScheme, 1024);
    const { page } = tab;
    await say(page, "demo");
    await rows(page).getByText("Turn completed").waitFor();
    const serious: string[] = [];
    const look = async () => {
      await page.evaluate(axe.source);
      const { violations } = await page.evaluate<AxeResults>("axe.run()");
      for (const { id, impact, nodes } of violations) {
        if (impact !== "serious" && impact !== "critical") continue;
        serious.push(`${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join("\n")}`);
      }
    };
    await look();
    for (const key of ["PageUp", "PageUp", "Home"]) {
      await rows(page).press(key);
      await page.waitForFunction(() => document.querySelector(".to-end"));
      await look();
    }
    await button(page, /^Events/).click();
    // The list follows its end: only a key or the pointer of a person leads away from it.
    await page.getByRole("region", { name: "Events" }).press("Home");
    await page.locator(".event summary").first().click();
    await page.getByText("The agent's own message").waitFor();
    await look();
    expect(serious).toEqual([]);
  });
});

describe.each([390, 1024, 1920])("at a width of %d", (width) => {
  it("a session is not wider than the screen, long words neither", async () => {
    await using tab = await open("light", width);
    const { page } = tab;
    await say(
      page,
      `${"x".repeat(500)} \`${"y".repeat(500)}\` http://example.com/${"z".repeat(500)}`,
    );
    await rows(page).getByText("Turn completed").waitFor();
    await say(page, "demo");
    await rows(page).getByText("The agent said what the daemon cannot read").waitFor();
    const beyond = () =>
      page.evaluate(() =>
        [...document.querySelectorAll("body *")]
          .filter((element) => element.checkVisibility())
          .filter((element) => element.getBoundingClientRect().right > innerWidth + 0.5)
          .map((element) => element.outerHTML.slice(0, 100)),
      );
    expect(await beyond()).toEqual([]);
    for (const key of ["PageUp", "Home"]) {
      await rows(page).press(key);
      expect(await beyond()).toEqual([]);
    }
    await button(page, /^Events/).click();
    await page.getByRole("region", { name: "Events" }).press("Home");
    await page.locator(".event summary").first().click();
    expect(await beyond()).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollHeight)).toBe(900);
  });
});

it("an image that an event names is shown, and where there is none it says so", async () => {
  await using tab = await open();
  const { page } = tab;
  await message(page).fill("image");
  await message(page).press("Enter");
  await ended(page, 1);
  const figure = rows(page).getByRole("figure");
  await figure.getByText("File Not Found").waitFor();
  const path = await figure.getByRole("code").innerText();
  const file = join(home.work, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, PIXEL_PNG, "base64");
  await page.reload();
  const image = rows(page).getByRole("img", { name: path });
  await image.waitFor();
  await vi.waitFor(async () => {
    expect(await image.evaluate((shown: HTMLImageElement) => shown.naturalWidth)).toBe(1);
  });
  expect(await figure.getByText("File Not Found").count()).toBe(0);
  expect(tab.faults).toEqual([]);
});
