import { expect, it } from "vitest";
import type { EventsResponse } from "../../../src/schema/event.ts";
import { CuttingProxy } from "../../support/cutting-proxy.ts";
import { startDaemon } from "../../support/daemon.ts";
import { inspectorBrowser } from "../../support/inspector.ts";
import { post } from "../../support/post-json.ts";
import { temporaryHome } from "../../support/sandbox.ts";

const browser = inspectorBrowser();

it("a reload in the midst of a turn, and a stream cut again and again, leave no gap", async () => {
  await using home = await temporaryHome();
  await using daemon = await startDaemon({ home });
  await using proxy = await CuttingProxy.start(daemon.url, () => ({
    kind: "cut",
    afterBytes: 6_000,
  }));
  const session = `${daemon.url}/v1/sessions/one`;
  await post(session, { agent: "mock" });
  await using tab = await browser.open(`${proxy.url}/ui/sessions/one`);
  const { page } = tab;
  const seen = () =>
    page.getByRole("button", { name: /^Events \d+$/ }).textContent({ timeout: 5_000 });
  await expect.poll(seen).toBe("Events 1");
  await post(`${session}/messages`, { message: "demo" });
  // In the midst of it: much has been said, and much is to come.
  await page.getByText("Next: a streamed Markdown document.").waitFor();
  await page.reload();
  await page.getByText("Next: an error and an unparsed event.").waitFor({ timeout: 60_000 });
  const said = async () => {
    const answer = await fetch(`${session}/events`);
    return ((await answer.json()) as EventsResponse).events;
  };
  await expect.poll(async () => (await said()).at(-1)?.type).toBe("turn.ended");
  await expect.poll(seen).toBe(`Events ${(await said()).length}`);
  expect(proxy.streams).toBeGreaterThan(2);
  expect(tab.faults).toEqual([]);
});
