import {
  type CompletedCommand,
  type CompletedOption,
  positions,
  valueWords,
  words,
} from "./model.ts";

/** A script for fish, 3.0 or newer. */
export function fishScript(commands: CompletedCommand[]): string {
  return `# Completions of sandbox-agent for fish: sandbox-agent completions fish | source
function __sandbox_agent_at
  set -l at ""
  set -l count 0
  set -l skip ""
  for word in (commandline -opc)[2..-1]
    if test -n "$skip"
      set skip ""
      continue
    end
    switch "$at/$word"
      case ${anyOf(valueWords(commands))}
        set skip 1
      case ${anyOf(words(commands))}
        set at (string trim "$at $word")
        set count 0
      case '*/-*'
      case '*'
        set count (math $count + 1)
    end
  end
  test "$argv[1]" = "$at"; and test -z "$argv[2]" -o "$argv[2]" = "$count"
end
complete -c sandbox-agent -f
${commands.flatMap(commandLines).join("\n")}
${positions(commands.map((command) => ({ ...command, commands: [] })))
  .flatMap(([key, value]) => {
    if (value === "any") return [];
    const [path = "", index = ""] = key.split("/");
    const shown = value === "files" ? "-F" : `-a ${quote(value.words.join(" "))}`;
    return [
      `complete -c sandbox-agent -n ${quote(`__sandbox_agent_at ${quote(path)} ${index}`)} ${shown}`,
    ];
  })
  .join("\n")}
`;
}

function commandLines({ path, commands, options }: CompletedCommand): string[] {
  const here = `-n ${quote(`__sandbox_agent_at ${quote(path)}`)}`;
  const first = `-n ${quote(`__sandbox_agent_at ${quote(path)} 0`)}`;
  return [
    ...commands.flatMap(({ names, description }) =>
      names.map((name) => `complete -c sandbox-agent ${first} -a ${name} -d ${quote(description)}`),
    ),
    ...options.map((option) => `complete -c sandbox-agent ${here} ${optionWords(option)}`),
  ];
}

function optionWords({ flags, description, value }: CompletedOption): string {
  const names = flags.map((flag) =>
    flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`,
  );
  const shown = `${names.join(" ")} -d ${quote(description)}`;
  if (value === undefined) return shown;
  if (value === "files") return `${shown} -r -F`;
  return value === "any" ? `${shown} -x` : `${shown} -x -a ${quote(value.words.join(" "))}`;
}

function anyOf(patterns: string[]): string {
  return patterns.map(quote).join(" ");
}

/** Fish has escapes within single quotes. */
function quote(text: string): string {
  return `'${text.replaceAll(/[\\']/g, String.raw`\$&`)}'`;
}
