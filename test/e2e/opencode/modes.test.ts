import { chmod, mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AgentModelsResponse, AgentModesResponse } from "../../../src/schema/agent.ts";
import { startDaemon } from "../../support/daemon.ts";
import { type OpencodeDaemon, startOpencode } from "../../support/opencode-daemon.ts";
import { postJson } from "../../support/post-json.ts";
import { temporaryHome } from "../../support/sandbox.ts";

const PROMPT = "You review what others have written.";
let opencode: OpencodeDaemon;

beforeAll(async () => {
  opencode = await startOpencode({
    config: {
      agent: {
        reviewer: { mode: "primary", description: "Reviews.", prompt: PROMPT },
        digger: { mode: "subagent", description: "Digs." },
      },
    },
  });
});

afterAll(() => opencode[Symbol.asyncDispose]());

async function offered(what: "modes" | "models"): Promise<unknown> {
  const answer = await fetch(`${opencode.daemon.url}/v1/agents/opencode/${what}`);
  return await answer.json();
}

it("the modes are the server's agents that hold conversations, also those that the user has made", async () => {
  const { modes } = AgentModesResponse.parse(await offered("modes"));
  expect(modes.map(({ id }) => id).toSorted()).toEqual(["build", "custom", "plan", "reviewer"]);
  expect(modes.find(({ id }) => id === "reviewer")).toEqual({
    id: "reviewer",
    name: "reviewer",
    description: "Reviews.",
  });
});

it("the models are asked of the server that is there, with their variants and the default", async () => {
  await opencode.session(async () => {
    const [before] = await opencode.agentProcesses();
    const { models, defaultModel } = AgentModelsResponse.parse(await offered("models"));
    expect(models.map(({ id }) => id).toSorted()).toEqual([
      "anthropic/claude-scripted-1",
      "anthropic/claude-scripted-2",
    ]);
    expect(defaultModel).toBe("anthropic/claude-scripted-1");
    expect((await opencode.agentProcesses()).map(({ pid }) => pid)).toEqual([before?.pid]);
  });
});

describe("a session", () => {
  it("in a mode of the user's own works as that agent, with the rules of its permission mode", () =>
    opencode.session(
      async (session) => {
        const turn = await session.send("go @@bash@@");
        expect(await session.reply("reject")).toMatchObject({ action: "bash" });
        expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
        expect(JSON.stringify(opencode.model.requests.at(-1)?.body)).toContain(PROMPT);
      },
      { agentMode: "reviewer" },
    ));

  it.each(["nobody", "digger", "custom"])("in the mode %s is refused", async (agentMode) => {
    const answer = await postJson(`${opencode.daemon.url}/v1/sessions/refused`, {
      agent: "opencode",
      agentMode,
    });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      type: "urn:sandbox-agent:error:mode_not_supported",
      detail: `mode not supported: opencode ${agentMode}`,
    });
  });
});

describe("the creation of a session", () => {
  const create = async (daemon: OpencodeDaemon, body: object) => {
    const directory = join(daemon.home.work, "fresh");
    await mkdir(directory, { recursive: true });
    const answer = await postJson(`${daemon.daemon.url}/v1/sessions/fresh`, {
      agent: "opencode",
      directory,
      ...body,
    });
    return { status: answer.status, problem: (await answer.json()) as { detail?: string } };
  };

  it("is refused with variables of its own, which a shared server cannot have", async () => {
    const { status, problem } = await create(opencode, { env: { A: "1" } });
    expect(status).toBe(400);
    expect(problem.detail).toContain("env is not supported for opencode");
  });

  it("without a provider succeeds, and the turn names the cure whatever OpenCode would take", async () => {
    await using bare = await startOpencode({ provider: false });
    await bare.session(async (session, directory) => {
      expect(await session.run("hi @@text@@")).toMatchObject({
        status: "failed",
        error: {
          code: "auth",
          message: expect.stringContaining("with ANTHROPIC_API_KEY or OPENAI_API_KEY set"),
        },
      });
      expect(await readdir(directory)).toEqual([]);
    });
  });
});

it("an OpenCode that does not start leaves the modes that it has in any case", async () => {
  await using home = await temporaryHome();
  const folder = join(home.dir, "bin");
  await mkdir(folder);
  await writeFile(join(folder, "opencode"), "#!/bin/sh\nexit 7\n");
  await chmod(join(folder, "opencode"), 0o755);
  await using daemon = await startDaemon({
    home,
    args: ["--no-token", "--offline"],
    env: { PATH: `${folder}:${home.env["PATH"]}` },
  });
  const answer = await fetch(`${daemon.url}/v1/agents/opencode/modes`);
  const { modes } = AgentModesResponse.parse(await answer.json());
  expect(modes.map(({ id }) => id)).toEqual(["build", "plan", "custom"]);
  expect((await fetch(`${daemon.url}/v1/agents/opencode/models`)).status).toBe(502);
});
