import { type CompletedCommand, positions, type Values, valueWords, words } from "./model.ts";

/** A script for bash; needs nothing besides bash itself, 3.2 or newer. */
export function bashScript(commands: CompletedCommand[]): string {
  return `# Completions of sandbox-agent for bash: source <(sandbox-agent completions bash)
_sandbox_agent() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]}
  local at="" count=0 word i skip=""
  # Bash breaks --option=value into three words.
  if [[ $cur == "=" ]]; then cur=""
  elif [[ $prev == "=" ]]; then prev=\${COMP_WORDS[COMP_CWORD - 2]}; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if [[ $word == "=" ]]; then skip=1; continue; fi
    if [[ -n $skip ]]; then skip=""; continue; fi
    case "$at/$word" in
      ${anyOf(valueWords(commands))}) skip=1; continue;;
      ${anyOf(words(commands))}) at="\${at:+$at }$word"; count=0; continue;;
    esac
    [[ $word == -* ]] || count=$((count + 1))
  done
  COMPREPLY=()
  case "$at/$prev" in
${values(commands).join("\n")}
  esac
  if [[ $cur == -* ]]; then
    case "$at" in
${options(commands).join("\n")}
    esac
    return
  fi
  case "$at/$count" in
${positions(commands)
  .map(([key, value]) => `    ${quote(key)}) ${complete(value)};;`)
  .join("\n")}
  esac
}
complete -F _sandbox_agent sandbox-agent
`;
}

function values(commands: CompletedCommand[]): string[] {
  return commands.flatMap(({ path, options }) =>
    options.flatMap(({ flags, value }) => {
      if (value === undefined) return [];
      const keys = flags.map((flag) => `${path}/${flag}`);
      return [`    ${anyOf(keys)}) ${complete(value)}; return;;`];
    }),
  );
}

function options(commands: CompletedCommand[]): string[] {
  return commands.map(({ path, options }) => {
    const flags = options.flatMap(({ flags }) => flags);
    return `      ${quote(path)}) ${complete({ words: flags })};;`;
  });
}

function complete(values: Values): string {
  if (values === "any") return ":";
  if (values === "files") {
    return 'compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur"))';
  }
  return `COMPREPLY=($(compgen -W ${quote(values.words.join(" "))} -- "$cur"))`;
}

function anyOf(patterns: string[]): string {
  return patterns.map(quote).join("|");
}

/** A text as one word of a shell, which takes it as it is. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
