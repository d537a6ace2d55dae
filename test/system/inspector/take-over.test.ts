import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createSession, eventCount, send } from "../../../bench/support/client.ts";
import { Reader } from "../../../bench/support/reader.ts";
import { Daemon } from "../../../bench/support/target.ts";
import { inspectorBrowser } from "../../support/inspector.ts";
import { repository } from "../../repo/files.ts";

// Of a long session the end is seen first: what happens to who looks at it when the rest has been read.
const TURNS = 50;
const browser = inspectorBrowser();
let daemon: Daemon;

beforeAll(async () => {
  daemon = await Daemon.start({ label: "ours", path: join(repository, "src/main.ts") });
  await createSession(daemon, "s", "claude");
  for (const message of ["deltas 6000", ...Array.from({ length: TURNS }, (_, n) => said(n))]) {
    const reader = await Reader.open(daemon, "s", await eventCount(daemon, "s"), { count: false });
    await send(daemon, "s", message);
    await reader.done;
  }
});
afterAll(async () => {
  await daemon[Symbol.asyncDispose]();
});

const said = (turn: number) => `deltas 10 of turn ${turn}.`;
const rows = (page: Page) => page.getByRole("region", { name: "Conversation" });
const message = (page: Page, turn: number) => rows(page).getByText(said(turn), { exact: true });

/** A tab with the end of the session in sight, that reads what was before when it is told to. */
async function open() {
  const count = await eventCount(daemon, "s");
  const tab = await browser.open("about:blank", { viewport: { width: 1024, height: 700 } });
  const { page } = tab;
  const { promise: go, resolve: readOn } = Promise.withResolvers<void>();
  await page.route(/\/events\?/, async (route) => {
    const { searchParams } = new URL(route.request().url());
    if (searchParams.get("offset") !== String(count - 500)) await go;
    await route.continue();
  });
  await page.goto(`${daemon.url}/ui/sessions/s`);
  await message(page, TURNS - 1).waitFor();
  await page.locator(".earlier").waitFor();
  const takeOver = async () => {
    readOn();
    await page.locator(".earlier").waitFor({ state: "detached" });
    // Two frames: what is drawn then stays.
    await page.evaluate(
      () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
    );
  };
  return { ...tab, takeOver };
}

/** Turns the wheel until a message is in sight, and gives where it stands. */
async function scrollTo(page: Page, turn: number): Promise<number> {
  await rows(page).hover();
  await expect
    .poll(
      async () => {
        if ((await message(page, turn).count()) > 0) return true;
        await page.mouse.wheel(0, -300);
        return false;
      },
      { timeout: 10_000, interval: 50 },
    )
    .toBe(true);
  await page.mouse.wheel(0, -100);
  return await settled(page, turn);
}

/** Where a message stands when nothing moves any more. */
async function settled(page: Page, turn: number): Promise<number> {
  let before = NaN;
  for (;;) {
    const { y } = (await message(page, turn).boundingBox()) ?? { y: NaN };
    if (y === before) return y;
    before = y;
    await page.waitForTimeout(100);
  }
}

it("who has scrolled up stays at the very place, among the same elements", async () => {
  await using tab = await open();
  const { page } = tab;
  const y = await scrollTo(page, TURNS - 20);
  const element = await message(page, TURNS - 20).elementHandle();
  await tab.takeOver();
  expect(await settled(page, TURNS - 20)).toBe(y);
  expect(await element?.evaluate((one) => one.isConnected)).toBe(true);
  await page.getByRole("button", { name: "To the end" }).waitFor();
  await rows(page).press("Home");
  await rows(page).getByText("deltas 6000", { exact: true }).waitFor();
});

it("who follows the end still does", async () => {
  await using tab = await open();
  const { page } = tab;
  const y = await settled(page, TURNS - 1);
  await tab.takeOver();
  expect(await settled(page, TURNS - 1)).toBe(y);
  expect(await page.getByRole("button", { name: "To the end" }).count()).toBe(0);
});

it("who has scrolled away from what was marked is not led back to it", async () => {
  await using tab = await open();
  const { page } = tab;
  await rows(page).getByRole("button", { name: "Show its events" }).last().click();
  await page.getByRole("button", { name: "Conversation" }).click();
  await message(page, TURNS - 1).waitFor();
  const y = await scrollTo(page, TURNS - 20);
  await tab.takeOver();
  expect(await settled(page, TURNS - 20)).toBe(y);
});

it("what waits for an answer and what was used is told before the events that say so are read", async () => {
  await using tab = await browser.open("about:blank");
  const { page } = tab;
  const count = await eventCount(daemon, "s");
  // As of a session whose permission was asked for before all that is seen of it.
  await page.route(/\/v1\/sessions\/s$/, async (route) => {
    const response = await route.fetch();
    const asked = { permission_id: "p", action: "command_execution", status: "requested" };
    const json = {
      ...(await response.json()),
      pendingPermissions: [{ ...asked, metadata: { command: "make it so" } }],
      usage: { input_tokens: 1200, output_tokens: 34, total_tokens: 1234 },
    };
    await route.fulfill({ response, json });
  });
  await page.route(/\/events\?/, async (route) => {
    const { searchParams } = new URL(route.request().url());
    if (searchParams.get("offset") === String(count - 500)) await route.continue();
  });
  await page.goto(`${daemon.url}/ui/sessions/s`);
  await page.getByText("1,200 in · 34 out").waitFor();
  await page.getByRole("button", { name: "1 request waiting for your answer" }).click();
  const card = page.getByRole("region", { name: "Permission for command_execution" });
  await card.getByText("make it so", { exact: true }).waitFor();
  await card.getByRole("button", { name: "Allow once" }).waitFor();
});
