import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, it } from "vitest";
import { repository } from "./files.ts";

interface Diagnostic {
  code: string;
  filename: string;
}

const imports = "eslint(no-restricted-imports)";
const floating = "typescript(no-floating-promises)";

/** A file that must not be, the rule that refuses it, and what stands in it. */
const planted: [path: string, rule: string, source: string][] = [
  ["schema/bad.ts", imports, 'export { Child } from "../io/child.ts";'],
  ["io/bad.ts", imports, 'export type { UniversalEvent } from "../schema/event.ts";'],
  ["agents/bad.ts", imports, 'export { Sessions } from "../sessions/sessions.ts";'],
  ["agents/bad-too.ts", imports, 'export * from "./claude/protocol.ts";'],
  ["agents/mock/bad.ts", imports, 'export { claudeAgent } from "../claude/index.ts";'],
  ["agents/mock/bad-too.ts", imports, 'export { allAgents } from "../all.ts";'],
  ["agents/claude/bad.ts", imports, 'export { Installer } from "../../install/installer.ts";'],
  ["agents/claude/reads.ts", imports, 'export { readFile } from "node:fs/promises";'],
  ["agents/reads.ts", imports, 'export { readFileSync } from "node:fs";'],
  ["sessions/bad.ts", imports, 'export { claudeAgent } from "../agents/claude/index.ts";'],
  ["sessions/bad-too.ts", imports, 'export { createApp } from "../server/app.ts";'],
  ["install/bad.ts", imports, 'export { allAgents } from "../agents/all.ts";'],
  ["credentials/bad.ts", imports, 'export { Installer } from "../install/installer.ts";'],
  ["doctor/bad.ts", imports, 'export { allAgents } from "../agents/all.ts";'],
  ["doctor/bad-too.ts", imports, 'export { createApp } from "../server/app.ts";'],
  ["install/bad-too.ts", imports, 'export { examine } from "../doctor/doctor.ts";'],
  ["server/bad-three.ts", imports, 'export { examine } from "../doctor/doctor.ts";'],
  ["server/bad.ts", imports, 'export { Installer } from "../install/installer.ts";'],
  ["server/bad-too.ts", imports, 'export { allAgents } from "../agents/all.ts";'],
  ["server/routes/bad.ts", imports, 'export { run } from "../../cli/program.ts";'],
  ["cli/render/bad.ts", imports, 'export { print } from "../output.ts";'],
  ["cli/render/bad-too.ts", imports, 'export { SandboxAgent } from "../../sdk/sandbox-agent.ts";'],
  ["cli/render/bad-io.ts", imports, 'export { Child } from "../../io/child.ts";'],
  ["sdk/bad.ts", imports, 'export { selfCommand } from "../cli/self.ts";'],
  ["sdk/bad-io.ts", imports, 'export { Child } from "../io/child.ts";'],
  ["sdk/bad-node.ts", imports, 'export { spawn } from "node:child_process";'],
  ["sdk/bad-lazy.ts", imports, 'export const load = () => import("node:fs");'],
  ["sdk/spawn.ts", imports, 'export { Child } from "../io/child.ts";'],
  ["sdk/bad-zod.ts", imports, 'export { z } from "zod";'],
  ["persist/bad.ts", imports, 'export { Bell } from "../io/bell.ts";'],
  ["persist/bad-too.ts", imports, 'export { SandboxAgent } from "../sdk/sandbox-agent.ts";'],
  ["inspector/bad.ts", imports, 'export { Sessions } from "../sessions/sessions.ts";'],
  ["inspector/session/bad.tsx", imports, 'export { Bell } from "../../io/bell.ts";'],
  ["inspector/bad-io.ts", imports, 'export { Bell } from "../io/bell.ts";'],
  ["inspector/session/bad-io.tsx", imports, 'export { Child } from "../../io/child.ts";'],
  ["inspector/bad-spawn.ts", imports, 'export { SandboxAgent } from "../sdk/sandbox-agent.ts";'],
  ["inspector/bad-zod.ts", imports, 'export { SessionInfo } from "../schema/session.ts";'],
  ["server/bad-four.ts", imports, 'export { files } from "../inspector/built.js";'],
  [
    "inspector/bad-html.tsx",
    "react(no-danger)",
    'export const Html = () => <p dangerouslySetInnerHTML={{ __html: "<b>" }} />;',
  ],
  [
    "cli/bad.ts",
    "import(no-cycle)",
    'import { two } from "./bad-too.ts"; export const one = () => two;',
  ],
  [
    "cli/bad-too.ts",
    "import(no-cycle)",
    'import { one } from "./bad.ts"; export const two = () => one;',
  ],
  ["cli/lost.ts", floating, "const work = async () => {}; work();"],
  ["cli/waits.ts", "eslint(no-restricted-globals)", "setTimeout(() => {}, 1);"],
  ["cli/promised.ts", "promise(avoid-new)", "export const p = new Promise((r) => r(1));"],
  ["server/lazy.ts", imports, 'export const load = () => import("../install/installer.ts");'],
  ["cli/any.ts", "typescript(no-explicit-any)", "export const anything: any = 1;"],
  [
    "cli/sure.ts",
    "typescript(no-non-null-assertion)",
    "export const first = (a: string[]) => a[0]!;",
  ],
  ["cli/long.ts", "eslint(max-lines)", "export {};\n".repeat(301)],
];

let copy: string;
let diagnostics: Diagnostic[];

beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), "sa-borders-"));
  for (const name of ["src", "package.json", "tsconfig.json", ".oxlintrc.json"]) {
    await cp(join(repository, name), join(copy, name), { recursive: true });
  }
  await symlink(join(repository, "node_modules"), join(copy, "node_modules"));
  for (const [path, , source] of planted) {
    await mkdir(dirname(join(copy, "src", path)), { recursive: true });
    await writeFile(join(copy, "src", path), `${source}\n`);
  }
  const { stdout } = await execa("oxlint", ["--type-aware", "--format", "json", "src"], {
    cwd: copy,
    preferLocal: true,
    localDir: repository,
    reject: false,
  });
  ({ diagnostics } = JSON.parse(stdout) as { diagnostics: Diagnostic[] });
});

afterAll(async () => {
  await rm(copy, { recursive: true, force: true });
});

it.each(planted)("src/%s is refused by %s", (path, rule) => {
  const codes = diagnostics
    .filter(({ filename }) => filename === `src/${path}`)
    .map(({ code }) => code);
  expect(codes).toContain(rule);
});
