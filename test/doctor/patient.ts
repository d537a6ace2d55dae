import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect } from "vitest";
import { allAgents } from "../../src/agents/all.ts";
import { Credentials } from "../../src/credentials/credentials.ts";
import { examine } from "../../src/doctor/doctor.ts";
import { detectPlatform } from "../../src/install/platform.ts";
import { Installer } from "../../src/install/installer.ts";
import { Child } from "../../src/io/child.ts";
import type { DoctorCheck, DoctorReport } from "../../src/schema/doctor.ts";
import { REAL_AGENTS, type RealAgentId } from "../support/real-agents.ts";
import { temporaryHome, type TemporaryHome } from "../support/sandbox.ts";

/** What is examined. */
export interface Patient {
  agent?: RealAgentId;
  /** What the executable is: a script, a program, or a copy of a program of this machine. */
  executable?: string | Buffer | { copyOf: string };
  mode?: number;
  /** Besides those of a home; loopback is the only network there is. */
  env?: Record<string, string>;
  /** Files in the home: a text, or what is written as JSON. */
  files?: Record<string, object | string>;
  checkKey?: boolean;
  limitMs?: number;
}

/** A script that tells the version which the tests of this project drive. */
export function healthy(agent: RealAgentId): string {
  return `#!/bin/sh\necho '${REAL_AGENTS[agent].version}'\n`;
}

/** Where an agent's executable belongs in a home. */
export function placeOf(home: TemporaryHome, agent: RealAgentId): string {
  const { recipe, version } = REAL_AGENTS[agent];
  const platform = detectPlatform();
  const target = platform && recipe.platformPackage(platform);
  return join(home.dir, "agents", agent, version, target?.executable ?? "");
}

/** Examines an agent in a home of its own; whatever fails has a cure of one line. */
export async function examined(patient: Patient): Promise<DoctorReport> {
  const { agent: id = "claude", executable = healthy(id), mode = 0o755, files = {} } = patient;
  await using home = await temporaryHome();
  const path = placeOf(home, id);
  await mkdir(dirname(path), { recursive: true });
  if (typeof executable === "object" && "copyOf" in executable) {
    await copyFile(executable.copyOf, path);
  } else await writeFile(path, executable, { mode });
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(home.dir, name)), { recursive: true });
    const text = typeof content === "string" ? content : JSON.stringify(content);
    await writeFile(join(home.dir, name), text);
  }
  const env = { ...home.env, ...patient.env };
  const agents = allAgents();
  const agent = agents.get(id);
  if (!agent) throw new Error(id);
  await using installer = new Installer({ installDir: join(home.dir, "agents"), env });
  const report = await examine(agent, {
    installer,
    credentials: new Credentials({ agents, env, home: home.dir, os: "linux" }),
    env,
    directory: home.work,
    startChild: (options) => Child.start(options),
    checkKey: patient.checkKey ?? false,
    limitMs: patient.limitMs ?? 5000,
  });
  for (const { status, cure } of report.checks) {
    if (status === "failed") expect(cure, "each failure has its cure").toMatch(/^.+$/);
  }
  return report;
}

/** One check of a report. */
export function check(report: DoctorReport, id: string): DoctorCheck {
  const found = report.checks.find((one) => one.id === id);
  if (!found) throw new Error(`no check ${id}`);
  return found;
}
