import { expect, it } from "vitest";
import type { SessionInfo } from "../../../src/schema/session.ts";
import { startDaemon } from "../../support/daemon.ts";
import { inspectorBrowser } from "../../support/inspector.ts";
import { post } from "../../support/post-json.ts";
import { temporaryHome } from "../../support/sandbox.ts";

const browser = inspectorBrowser();

it("a session is created by keyboard with all that it can be told, and opened", async () => {
  await using home = await temporaryHome();
  await using daemon = await startDaemon({ home });
  await using tab = await browser.open(`${daemon.url}/ui/`);
  const { page } = tab;
  await page.getByRole("link", { name: "New session" }).first().focus();
  await page.keyboard.press("Enter");
  await page.getByRole("radio", { name: "Mock" }).waitFor();
  await page.getByRole("group", { name: "Mode" }).getByRole("radio", { name: "Plan" }).focus();
  await page.keyboard.press("Space");
  await page.getByRole("radio", { name: "Accept edits" }).focus();
  await page.keyboard.press("Space");
  await page.getByLabel("Directory").fill("relative");
  await page.getByText("The path is to begin with /.").waitFor();
  await page.getByLabel("Directory").fill("/does/not/exist");
  await page.getByLabel("Title").fill("By hand");
  await page.getByText("More", { exact: true }).focus();
  await page.keyboard.press("Enter");
  await page.getByLabel("Session id").fill("by.hand");
  await page.getByLabel("Variables").fill("KEY=v4lue");
  await page.getByLabel("Requests wait for").fill("60");
  await page.getByLabel("Then").selectOption("interrupt");
  await page.getByLabel("Title").press("Enter");
  await page.getByRole("alert").getByText("directory /does/not/exist does not exist").waitFor();
  await page.getByLabel("Directory").fill(home.work);
  await page.getByLabel("Directory").press("Enter");
  await page.waitForURL(`${daemon.url}/ui/sessions/by.hand`);
  const session = (await (await fetch(`${daemon.url}/v1/sessions/by.hand`)).json()) as SessionInfo;
  expect(session).toMatchObject({
    agent: "mock",
    agentMode: "plan",
    permissionMode: "default",
    directory: home.work,
    title: "By hand",
  });
  await page.getByRole("link", { name: "Requests" }).click();
  expect(await page.content()).not.toContain("v4lue");
  expect(tab.faults).toEqual([]);
});

it("what cannot be chosen says why", async () => {
  await using home = await temporaryHome();
  await using daemon = await startDaemon({ home, args: ["--no-token", "--offline"] });
  await using tab = await browser.open(`${daemon.url}/ui/new`);
  const { page } = tab;
  await page.getByText("Mock has no variants.").waitFor();
  expect(await page.getByLabel("Variant").isDisabled()).toBe(true);
  await page.getByRole("radio", { name: "Amp" }).check();
  const permissions = page.getByRole("group", { name: "Permissions" });
  await permissions.getByText("Amp has no plan mode.").waitFor();
  expect(await permissions.getByRole("radio", { name: "Plan" }).isDisabled()).toBe(true);
  await page.getByRole("button", { name: "Create session" }).click();
  await page.getByRole("alert").getByText("Agent Not Installed", { exact: true }).waitFor();
});

it("the list tells live what a session does, and what waits for an answer", async () => {
  await using home = await temporaryHome();
  await using daemon = await startDaemon({ home });
  await post(`${daemon.url}/v1/sessions/one`, { agent: "mock", title: "Asks" });
  await using tab = await browser.open(`${daemon.url}/ui/`);
  const list = tab.page.getByRole("complementary", { name: "Sessions" });
  await list.getByText("idle").waitFor();
  await post(`${daemon.url}/v1/sessions/one/messages`, { message: "permission" });
  await list.getByText("2 to answer").waitFor();
  await post(`${daemon.url}/v1/sessions/one/terminate`, {});
  await list.getByText("ended").waitFor();
});

it("a session that is deleted and made again under its id is shown as the new one that it is", async () => {
  await using home = await temporaryHome();
  await using daemon = await startDaemon({ home });
  await post(`${daemon.url}/v1/sessions/same`, { agent: "mock", title: "The first" });
  await post(`${daemon.url}/v1/sessions/same/messages`, { message: "said to the first" });
  await using tab = await browser.open(`${daemon.url}/ui/sessions/same`);
  const { page } = tab;
  const rows = page.getByRole("region", { name: "Conversation" });
  await rows.getByText("Turn completed").waitFor();
  await page.getByRole("button", { name: "Events 8" }).waitFor();
  const deleted = await fetch(`${daemon.url}/v1/sessions/same`, { method: "DELETE" });
  expect(deleted.ok).toBe(true);
  await post(`${daemon.url}/v1/sessions/same`, { agent: "mock", title: "The second" });
  await page.getByRole("heading", { name: "The second" }).waitFor();
  await page.getByText("Nothing has been said yet.").waitFor();
  await page.getByRole("button", { name: "Events 1", exact: true }).waitFor();
  await page.getByRole("textbox", { name: "Message" }).fill("said to the second");
  await page.getByRole("textbox", { name: "Message" }).press("Enter");
  await rows.getByText("Turn completed").waitFor();
  expect(await rows.getByText("said to the first").count()).toBe(0);
  expect(await rows.getByText("said to the second").count()).toBe(2);
  expect(await page.getByText("The daemon does not know this session").count()).toBe(0);
});

it("among 1,000 sessions, of which only those in sight are in the document, one is found by filter and arrow keys", async () => {
  await using home = await temporaryHome();
  await using daemon = await startDaemon({ home });
  for (let i = 0; i < 1000; i++) {
    await post(`${daemon.url}/v1/sessions/session-${i}`, {
      agent: "mock",
      title: `Task number ${i}`,
    });
  }
  await using tab = await browser.open(`${daemon.url}/ui/`);
  const { page } = tab;
  const list = page.getByRole("complementary", { name: "Sessions" });
  await list.getByText("Task number 999").waitFor();
  await list.getByRole("heading", { name: "Sessions 1,000" }).waitFor();
  const rows = list.getByRole("listitem");
  expect(await rows.count()).toBeLessThan(40);
  expect(await rows.first().getAttribute("aria-setsize")).toBe("1000");
  // By arrow keys alone one gets beyond what was in the document.
  await list.getByRole("link", { name: "Task number 999" }).focus();
  for (let presses = 0; presses < 50; presses++) {
    await page.keyboard.press("ArrowDown");
    await page.evaluate(() => new Promise(requestAnimationFrame));
  }
  const focused = await page.evaluate(() => document.activeElement?.textContent);
  expect(focused).toContain("Task number 949");
  await page.getByRole("searchbox", { name: "Filter sessions" }).fill("number 7");
  await expect.poll(() => rows.first().getAttribute("aria-setsize")).toBe("271");
  await page.getByRole("searchbox", { name: "Filter sessions" }).fill("session-77");
  await expect.poll(() => rows.count()).toBe(11);
  await list.getByRole("link", { name: "Task number 779" }).focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Enter");
  await page.waitForURL(`${daemon.url}/ui/sessions/session-778`);
});

it("an agent tells what it can do and what it lacks, and why it cannot be installed", async () => {
  await using home = await temporaryHome();
  await using daemon = await startDaemon({ home, args: ["--no-token", "--offline"] });
  await using tab = await browser.open(`${daemon.url}/ui/agents`);
  const amp = tab.page.getByRole("listitem", { name: "Amp" });
  await amp.getByText("Not installed", { exact: true }).waitFor();
  await amp.getByText("Feature coverage").click();
  await amp.getByText("no plan mode").waitFor();
  await amp.getByRole("button", { name: "Install" }).click();
  await amp.getByRole("alert").waitFor();
  await amp.getByRole("button", { name: "Can it work here?" }).click();
  await amp.getByText("it is not installed").waitFor();
  const mock = tab.page.getByRole("listitem", { name: "Mock" });
  await mock.getByRole("button", { name: "Can it work here?" }).click();
  await mock.getByText("ok", { exact: true }).first().waitFor();
  expect(tab.faults).toEqual([]);
});
