import { randomUUID } from "node:crypto";
import { homedir } from "node:os";
import { z } from "zod";
import { allAgents } from "../../agents/all.ts";
import { Credentials } from "../../credentials/credentials.ts";
import { Secrets } from "../../credentials/secrets.ts";
import { examine } from "../../doctor/doctor.ts";
import { Child } from "../../io/child.ts";
import { ownerPrefix } from "../../io/owner.ts";
import type { DoctorCheck, DoctorReport } from "../../schema/doctor.ts";
import { unsupportedAgent } from "../../schema/problem.ts";
import { findParentDeath } from "../find-parent-death.ts";
import { createInstaller } from "../install-options.ts";
import { readableJson } from "../output.ts";
import { oneLine } from "../render/printable.ts";

const Options = z.object({
  checkKey: z.boolean().default(false),
  json: z.boolean().default(false),
  installDir: z.string().optional(),
});

const LONGEST_TEXT = 10_000;

/** `sandbox-agent doctor [agent]`: no server is needed; resolves with the exit code. */
export async function doctor(id: string | undefined, given: unknown): Promise<number> {
  const { checkKey, json, installDir } = Options.parse(given);
  const { env } = process;
  const agents = allAgents();
  const one = id === undefined ? undefined : agents.get(id);
  if (id !== undefined && !one) {
    throw unsupportedAgent(id);
  }
  const examined = one ? [one] : [...agents.values()];
  const home = env["HOME"] ?? homedir();
  const secrets = new Secrets(env);
  const credentials = new Credentials({ agents, env, home, os: process.platform });
  await using parentDeath = await findParentDeath();
  await using installer = createInstaller({ installDir, offline: true }, env);
  const owner = await ownerPrefix();
  const options = {
    installer,
    credentials,
    env,
    directory: process.cwd(),
    startChild(child: Parameters<typeof Child.start>[0]) {
      secrets.add(child.env);
      return Child.start({ ...child, marker: `${owner}:${randomUUID()}`, parentDeath });
    },
    checkKey,
    // Who asks for all of them does not need all of them.
    mayBeMissing: id === undefined,
  };
  const found = await Promise.all(examined.map((agent) => examine(agent, options)));
  const reports = secrets.redactIn(found);
  const text = json ? readableJson({ agents: reports }) : render(reports);
  process.stdout.write(text);
  return reports.some(({ status }) => status === "failed") ? 1 : 0;
}

function render(reports: readonly DoctorReport[]): string {
  return reports
    .map(({ agent, version, status, checks }) => {
      const name = version === undefined ? agent : `${agent} ${shown(version)}`;
      return [`${name}: ${status}`, ...checks.flatMap(linesOf), ""].map((line) => `${line}\n`);
    })
    .flat()
    .join("")
    .replace(/\n\n$/, "\n");
}

function linesOf({ status, title, detail, cure }: DoctorCheck): string[] {
  const line = `  ${status.padEnd(7)}  ${title}: ${shown(detail)}`;
  return cure === undefined ? [line] : [line, `           cure: ${shown(cure)}`];
}

/** A text on one line. Some of it was printed by another program. */
function shown(text: string): string {
  return oneLine(text, LONGEST_TEXT);
}
