import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { freePort } from "../support/free-port.ts";
import { temporaryHome } from "../support/sandbox.ts";
import { runMain } from "./main.ts";

const commands: [command: string[], cure: string][] = [
  [["install-agent", "claude", "--install-dir", "FILE/agents"], "choose another folder"],
  [["daemon", "start", "--no-token", "--port", "PORT"], "set XDG_DATA_HOME to another one"],
  [["doctor", "--json"], "set XDG_DATA_HOME to another one"],
];

it.each(commands)("%j names a folder that cannot be used, and the cure", async (command, cure) => {
  await using home = await temporaryHome();
  const file = join(home.work, "file");
  await writeFile(file, "");
  const port = String(await freePort());
  const args = command.map((word) => word.replace("FILE", file).replace("PORT", port));
  const { exitCode, stderr } = await runMain(home, args, { XDG_DATA_HOME: join(file, "data") });
  expect(exitCode).toBe(1);
  expect(stderr).toContain(file);
  expect(stderr).toContain(`a part of the path is not a directory; ${cure} (ENOTDIR)`);
});
