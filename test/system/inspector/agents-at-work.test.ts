import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type ClaudeDaemon, startClaude } from "../../support/claude-daemon.ts";
import { inspectorBrowser } from "../../support/inspector.ts";
import type { LiveSession } from "../../support/live-session.ts";
import { hold, httpError, reply, text, tool } from "../../support/model-script.ts";
import { startOpencode } from "../../support/opencode-daemon.ts";

// Real agents, which talk to a scripted model, as a person sees them at work.
vi.setConfig({ testTimeout: 60_000 });
const WAIT_MS = 20_000;
const browser = inspectorBrowser();
let claude: ClaudeDaemon;

beforeAll(async () => {
  claude = await startClaude();
});
afterAll(async () => {
  await claude[Symbol.asyncDispose]();
});

async function watch(url: string, session: LiveSession) {
  const tab = await browser.open(`${url}/ui/sessions/${session.id}`);
  tab.page.setDefaultTimeout(WAIT_MS);
  await tab.page.getByRole("textbox", { name: "Message" }).waitFor();
  return tab;
}

const rows = (page: Page) => page.getByRole("region", { name: "Conversation" });

describe("a question", () => {
  it("of two parts is answered in words of one's own and by several options", () =>
    claude.session(async (session) => {
      await using tab = await watch(claude.daemon.url, session);
      const { page } = tab;
      const turn = await session.send("go @@ask@@");
      const card = page.getByRole("region", { name: "Question of the agent" });
      const answer = card.getByRole("button", { name: "Answer", exact: true });
      const color = card.getByRole("group", { name: "Which color?" });
      const sizes = card.getByRole("group", { name: "Which sizes?" });
      await color.getByRole("radio", { name: "Red" }).check();
      expect(await answer.isDisabled()).toBe(true);
      await color.getByRole("textbox").fill("Green");
      // One answer is wanted: what was chosen before is it no more.
      expect(await color.getByRole("radio", { name: "Red" }).isChecked()).toBe(false);
      await sizes.getByRole("checkbox", { name: "S" }).check();
      await sizes.getByRole("checkbox", { name: "L" }).check();
      await answer.click();
      await card.getByText("Answered").waitFor();
      await card.getByText("Which sizes? S, L").waitFor();
      expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
      const [resolved] = session.of("question.resolved");
      expect(resolved?.data.answers).toEqual([["Green"], ["S", "L"]]);
    }));
});

describe("a subagent", () => {
  it("is told within the card of its call, which folds by click and by key and stays as it was left", () =>
    claude.session(async (session) => {
      claude.model.script("below", [
        reply([
          text("Looking below."),
          tool("Bash", { command: "echo from-below", description: "Look" }),
        ]),
        reply([text("Found it."), hold("below")]),
      ]);
      claude.model.script("delegate", [
        reply([
          text("Delegating."),
          tool("Agent", {
            description: "Find it",
            prompt: "Please find it @@below@@",
            subagent_type: "general-purpose",
            run_in_background: false,
          }),
        ]),
        reply("It was found."),
      ]);
      await using tab = await watch(claude.daemon.url, session);
      const { page } = tab;
      const turn = await session.send("go @@delegate@@");
      const card = page.getByRole("region", { name: "Tool Agent" });
      // While it works it is seen: its words, and the call that it made, with what came of it.
      await card.getByText("Looking below.").waitFor();
      const made = card.getByRole("region", { name: "Tool Bash" });
      await made.getByText("from-below", { exact: true }).waitFor();
      // Claude tells a subagent's words once they are whole.
      await claude.model.reached("below");
      expect(await rows(page).locator(".scroll-row").getByText("Looking below.").count()).toBe(1);
      // What the agent told its subagent is nothing that the person has said.
      await card.getByText("Task", { exact: true }).waitFor();
      expect(await card.getByText("You", { exact: true }).count()).toBe(0);
      const fold = card.locator("summary", { hasText: /^Subagent: \d+ steps$/ });
      await fold.click();
      await made.waitFor({ state: "detached" });
      await fold.press("Enter");
      await made.waitFor();
      claude.model.release("below");
      expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
      await rows(page).getByText("It was found.").waitFor();
      await made.waitFor();
      await fold.press("Space");
      await card.getByText("Looking below.").waitFor({ state: "detached" });
    }));
});

describe("a list of what is to do", () => {
  it("stays at the top, tells what is done and what is in progress, and opens to all of it", () =>
    claude.session(
      async (session) => {
        const todos = (first: string, second: string) =>
          tool("TodoWrite", {
            todos: [
              { content: "Find the cause", status: first, activeForm: "Finding" },
              { content: "Mend it", status: second, activeForm: "Mending" },
            ],
          });
        claude.model.script("list", [
          reply([todos("in_progress", "pending")]),
          reply([text("Begun."), hold("list"), todos("completed", "in_progress")]),
          reply("All done."),
        ]);
        await using tab = await watch(claude.daemon.url, session);
        const { page } = tab;
        const turn = await session.send("go @@list@@");
        const pinned = page.locator(".pinned");
        await pinned.getByText("Plan 0/2 Find the cause").waitFor();
        await pinned.locator("summary").press("Enter");
        const states = () =>
          pinned
            .getByRole("listitem")
            .getByRole("img")
            .evaluateAll((marks) => marks.map((mark) => mark.ariaLabel));
        await expect.poll(states).toEqual(["in progress", "to do"]);
        claude.model.release("list");
        await pinned.getByText("Plan 1/2 Mend it").waitFor();
        await expect.poll(states).toEqual(["done", "in progress"]);
        expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
        // It is no part of what scrolls.
        expect(await rows(page).locator(".pinned").count()).toBe(0);
      },
      { env: { CLAUDE_CODE_ENABLE_TODO_TOOLS: "1", CLAUDE_CODE_ENABLE_TASKS: "0" } },
    ));
});

describe("an error", () => {
  it.each([
    [
      "a key that is not taken",
      httpError(401),
      "auth",
      /The agent has no key that its model takes/,
    ],
    [
      "a conversation that is too long",
      httpError(400, { message: "prompt is too long: 210000 tokens > 200000 maximum" }),
      "context_window",
      /Begin a new session/,
    ],
  ])("of %s is told with what helps", (_, step, code, cure) =>
    claude.session(async (session) => {
      claude.model.script(code, [step]);
      await using tab = await watch(claude.daemon.url, session);
      const { page } = tab;
      const turn = await session.send(`go @@${code}@@`);
      expect(await session.turnEnded(turn)).toMatchObject({ status: "failed" });
      await rows(page).getByText("Turn failed").waitFor();
      const note = page.getByRole("note", { name: "Error" });
      await note.getByText(code, { exact: true }).waitFor();
      await note.getByText(cure).waitFor();
      // Told once, though the turn has failed for it too.
      expect(await note.count()).toBe(1);
    }),
  );
});

describe("a command", () => {
  it("shows what it prints while it runs, and its exit code when it is over", async () => {
    await using opencode = await startOpencode();
    await opencode.session(async (session, directory) => {
      const command =
        "echo the beginning; until [ -e go ]; do sleep 0.1; done; echo the end; exit 3";
      opencode.model.script("gated", [
        reply([tool("bash", { command, description: "Wait" })]),
        reply("All done."),
      ]);
      await using tab = await watch(opencode.daemon.url, session);
      const { page } = tab;
      const turn = await session.send("go @@gated@@");
      await page.getByRole("button", { name: "Allow once" }).click();
      const card = page.getByRole("region", { name: "Tool bash" });
      await card.getByLabel("Output so far").getByText("the beginning").waitFor();
      await card.getByText("running", { exact: true }).waitFor();
      await writeFile(join(directory, "go"), "");
      await card.getByText("exit 3").waitFor();
      expect(await card.getByLabel("Output", { exact: true }).innerText()).toContain(
        "the beginning\nthe end",
      );
      expect(await card.getByText("running", { exact: true }).count()).toBe(0);
      expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
    });
  });
});
