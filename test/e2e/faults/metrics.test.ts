import { expect, it } from "vitest";
import { expectUsable, killProcesses, StandInDaemon } from "../../support/stand-in.ts";

/** A figure of a scrape; 0 where it is not told. */
async function figure({ daemon }: StandInDaemon, sample: string): Promise<number> {
  const text = await (await fetch(`${daemon.url}/metrics`)).text();
  const line = text.split("\n").find((one) => one.startsWith(`${sample} `));
  return Number(line?.slice(sample.length + 1) ?? 0);
}

it("processes of agents are counted: those that run, that were started, and that crashed", async () => {
  await using daemon = await StandInDaemon.start({ agent: "claude" });
  const of = (name: string) =>
    figure(daemon, `sandbox_agent_agent_processes${name}{agent="claude"}`);
  expect([await of(""), await of("_started_total"), await of("_crashed_total")]).toEqual([1, 1, 0]);
  await daemon.session(async (session) => {
    await expectUsable(session);
    expect(await of("")).toBe(2);
    await session.run("turn/exit-1");
    expect([await of(""), await of("_crashed_total")]).toEqual([1, 1]);
    await expectUsable(session);
  });
  // The second process of that session was ended with it.
  expect([await of(""), await of("_started_total"), await of("_crashed_total")]).toEqual([1, 3, 1]);
  expect(await figure(daemon, 'sandbox_agent_turns_started_total{agent="claude"}')).toBe(4);
});

it("restarts of a server that sessions share are counted", async () => {
  await using daemon = await StandInDaemon.start({ agent: "codex" });
  await daemon.session(async (session) => {
    await expectUsable(session);
    await killProcesses(session);
    await expectUsable(session);
    expect(await figure(daemon, 'sandbox_agent_agent_server_restarts_total{agent="codex"}')).toBe(
      1,
    );
    expect(await figure(daemon, 'sandbox_agent_agent_processes_crashed_total{agent="codex"}')).toBe(
      1,
    );
  });
});
