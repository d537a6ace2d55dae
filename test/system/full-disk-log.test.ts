import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { startDaemon } from "../support/daemon.ts";
import { mountFullDisk } from "../support/full-disk.ts";
import { program } from "../support/program.ts";
import { temporaryHome } from "../support/sandbox.ts";

it.each(["json", "pretty"])(
  "a daemon whose log is on a full disk goes on serving and stops (%s)",
  async (format) => {
    await using home = await temporaryHome();
    await using disk = await mountFullDisk(join(home.dir, "disk"));
    const log = join(disk.path, "log");
    const entry = {
      file: "/bin/sh",
      args: ["-c", 'exec "$0" "$@" 2>>"$LOG_FILE"', program.file, ...program.args],
    };
    const args = ["--no-token", "--log-format", format];
    await using daemon = await startDaemon({ home, args, env: { LOG_FILE: log }, entry });
    for (let n = 0; n < 20; n++) {
      const answer = await fetch(`${daemon.url}/v1/sessions`);
      expect(answer.status).toBe(200);
      await answer.body?.cancel();
    }
    const metrics = await (await fetch(`${daemon.url}/metrics`)).text();
    expect(metrics).toMatch(/^sandbox_agent_log_lines_dropped_total [1-9]/m);
    expect(await daemon.stop()).toEqual({ code: 0, signal: null });
    expect(await readFile(log, "utf8")).toBe("");
  },
);
