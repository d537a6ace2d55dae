import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { allAgents } from "../../src/agents/all.ts";
import { findVariable, providers } from "../../src/credentials/variables.ts";
import { program as tested, shellCommand } from "../support/program.ts";
import { temporaryHome } from "../support/sandbox.ts";

const read = (name: string) => readFile(new URL(`../../docs/${name}`, import.meta.url), "utf8");
const document = await read("credentials.md");
const stores = [...allAgents().values()].flatMap(({ keyStore }) => keyStore ?? []);

/** The cells of a row that begins with this one. */
const rows = [...document.matchAll(/^\| `([\w-]+)` *\| (.*?) *\| .*\|$/gm)].map(
  ([, first = "", second = ""]) => ({ first, second }),
);

describe("docs/credentials.md", () => {
  it("names every file in which agents keep keys beside its source, and no other", () => {
    const places = { env: {}, home: "~", os: "linux" } as const;
    const known = stores.flatMap(({ source, files }) =>
      files.map((file) => `${source} ${file.path(places)}`),
    );
    const told = rows.flatMap(({ first, second }) =>
      [...second.matchAll(/`(~[^`]+)`/g)].map(([, path]) => `${first} ${path}`),
    );
    expect(told.toSorted()).toEqual(known.toSorted());
  });

  const variables = [
    ...document.matchAll(/^\| `(\w+)` *\| (`[A-Z_]+`(?:, `[A-Z_]+`)*) *\|$/gm),
  ].map(([, provider = "", names = ""]): [string, string[]] => [
    provider,
    Array.from(names.matchAll(/\w+/g), ([name]) => name),
  ]);

  it("names every provider whose keys may stand in variables", () => {
    expect(variables.map(([provider]) => provider)).toEqual(providers);
  });

  it.each(variables)(
    "names the variables of %s in the order in which they count",
    (provider, names) => {
      const types = ["api_key", "oauth"] as const;
      for (const [index, name] of names.entries()) {
        const env = Object.fromEntries(names.slice(index).map((one) => [one, `key in ${one}`]));
        expect(findVariable(provider, env, types)?.key).toBe(`key in ${name}`);
      }
    },
  );
});

describe("a command that is shown", async () => {
  const pages = await Promise.all(["credentials.md", "cli.md"].map(read));
  const shown = pages
    .flatMap((page) => [...page.matchAll(/^```sh\n(.*?)^```$/gms)])
    .map(([, command = ""]) => command.trim())
    .filter((command) => command.includes("sandbox-agent credentials"));

  it.each([...new Set(shown)])("%s does as it says", async (command) => {
    await using home = await temporaryHome();
    const auth = join(home.dir, ".codex/auth.json");
    await mkdir(dirname(auth));
    await writeFile(auth, JSON.stringify({ OPENAI_API_KEY: "it's mine" }));
    const program = join(home.dir, "sandbox-agent");
    await writeFile(program, `#!/bin/sh\nexec ${shellCommand(tested)} "$@"\n`, {
      mode: 0o755,
    });
    const after = 'if test -e keys.env; then . ./keys.env; fi; printf %s "$OPENAI_API_KEY"';
    const { stdout } = await execa("sh", ["-euc", `${command}\n${after}`], {
      cwd: home.work,
      env: { ...home.env, PATH: `${home.dir}:${home.env["PATH"]}` },
      extendEnv: false,
    });
    expect(stdout).toBe("it's mine");
    const file = await stat(join(home.work, "keys.env")).catch(() => undefined);
    if (file) expect(file.mode & 0o777).toBe(0o600);
  });
});
