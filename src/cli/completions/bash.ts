import { shellQuote } from "../../io/shell-quote.ts";
import { anyOf, positionCases, valueCases } from "./cases.ts";
import { type CompletedCommand, type Values, valueWords, words } from "./model.ts";

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
${valueCases(commands, complete)}
  esac
  if [[ $cur == -* ]]; then
    case "$at" in
${options(commands).join("\n")}
    esac
    return
  fi
  case "$at/$count" in
${positionCases(commands, complete)}
  esac
}
complete -F _sandbox_agent sandbox-agent
`;
}

function options(commands: CompletedCommand[]): string[] {
  return commands.map(({ path, options }) => {
    const flags = options.flatMap(({ flags }) => flags);
    return `      ${shellQuote(path)}) ${complete({ words: flags })};;`;
  });
}

function complete(values: Values): string {
  if (values === "any") return ":";
  if (values === "files") {
    return 'compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur"))';
  }
  return `COMPREPLY=($(compgen -W ${shellQuote(values.words.join(" "))} -- "$cur"))`;
}
