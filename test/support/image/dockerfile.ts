/** One instruction of a Dockerfile: its name, in capitals, and what follows it on one line. */
export interface Instruction {
  readonly name: string;
  readonly text: string;
}

/** What one FROM begins. */
export interface Stage {
  readonly base: string;
  readonly name: string | undefined;
  readonly instructions: readonly Instruction[];
}

/**
 * The stages of a Dockerfile, in its order. `args` are the values of `--build-arg`: each ARG before
 * the first FROM is expanded in the names of the base images.
 */
export function parseDockerfile(
  text: string,
  args: Readonly<Record<string, string>> = {},
): Stage[] {
  const values = new Map<string, string>();
  const lines = text
    .split("\n")
    .filter((line) => !/^\s*#/.test(line))
    .join("\n")
    .replaceAll("\\\n", " ")
    .split("\n")
    .filter((line) => line.trim() !== "");
  const stages: { base: string; name: string | undefined; instructions: Instruction[] }[] = [];
  for (const line of lines) {
    const [, name = "", rest = ""] = /^(\S+)\s+(.*)$/.exec(line.trim()) ?? [];
    if (name === "FROM") {
      const expanded = rest.replaceAll(/\$\{(\w+)\}/g, (_, arg: string) => values.get(arg) ?? "");
      const [base = "", , as] = expanded.split(/\s+/);
      stages.push({ base, name: as, instructions: [] });
      continue;
    }
    const stage = stages.at(-1);
    if (!stage && name === "ARG") {
      const [, arg = "", value = ""] = /^(\w+)=(\S+)$/.exec(rest) ?? [];
      values.set(arg, args[arg] ?? value);
      continue;
    }
    if (!stage) throw new Error(`it stands before the first FROM: ${line}`);
    stage.instructions.push({ name, text: rest });
  }
  return stages;
}

/** The words of a command that is written as JSON: the only form that starts no shell. */
export function commandWords(text: string): string[] {
  const words: unknown = JSON.parse(text);
  if (Array.isArray(words) && words.every((word) => typeof word === "string")) return words;
  throw new Error(`not a list of words: ${text}`);
}

/** What a .dockerignore lets into the build that refuses all, excepts names, and then refuses paths. */
export function letIn(ignore: string): { names: string[]; except: string[] } {
  const [everything, ...lines] = ignore.split("\n").filter((line) => line !== "");
  const names = lines.filter((line) => line.startsWith("!")).map((line) => line.slice(1));
  const except = lines.slice(names.length);
  const isPlain = lines.every((line) => !/[*?[]/.test(line));
  if (everything !== "*" || !isPlain || except.some((line) => line.startsWith("!"))) {
    throw new Error("this .dockerignore is of a kind that is not known here");
  }
  return { names, except };
}
