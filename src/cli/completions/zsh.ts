import { shellQuote } from "../../io/shell-quote.ts";
import { anyOf, positionCases, valueCases } from "./cases.ts";
import { type CompletedCommand, type Values, valueWords, words } from "./model.ts";

/** A script for zsh, to be sourced after `compinit`, or saved as `_sandbox-agent` in `fpath`. */
export function zshScript(commands: CompletedCommand[]): string {
  return `#compdef sandbox-agent
# Completions of sandbox-agent for zsh: source <(sandbox-agent completions zsh)
_sandbox_agent() {
  local cur="\${words[CURRENT]}" prev="\${words[CURRENT-1]}" at="" word skip="" i count=0
  local -a shown
  if [[ $cur == --*=* ]]; then prev="\${cur%%=*}"; compset -P 1 '*='; cur="\${cur#*=}"; fi
  for ((i = 2; i < CURRENT; i++)); do
    word="\${words[i]}"
    if [[ -n $skip ]]; then skip=""; continue; fi
    case "$at/$word" in
      ${anyOf(valueWords(commands))}) skip=1; continue;;
      ${anyOf(words(commands))}) at="\${at:+$at }$word"; count=0; continue;;
    esac
    [[ $word == -* ]] || count=$((count + 1))
  done
  case "$at/$prev" in
${valueCases(commands, complete)}
  esac
  if [[ $cur == -* ]]; then
    case "$at" in
${options(commands).join("\n")}
    esac
    _describe -o option shown
    return
  fi
  case "$at/$count" in
${subcommands(commands).join("\n")}
${positionCases(
  commands.map((command) => ({ ...command, commands: [] })),
  complete,
)}
  esac
}
if [[ \${zsh_eval_context[-1]} == loadautofunc ]]; then _sandbox_agent "$@"
else compdef _sandbox_agent sandbox-agent; fi
`;
}

function options(commands: CompletedCommand[]): string[] {
  return commands.map(({ path, options }) => {
    const shown = options.flatMap(({ flags, description }) =>
      flags.map((flag) => described(flag, description)),
    );
    return `      ${shellQuote(path)}) shown=(${shown.join(" ")});;`;
  });
}

function subcommands(commands: CompletedCommand[]): string[] {
  return commands
    .filter(({ commands }) => commands.length > 0)
    .map(({ path, commands }) => {
      const shown = commands.flatMap(({ names, description }) =>
        names.map((name) => described(name, description)),
      );
      return `    ${shellQuote(`${path}/0`)}) shown=(${shown.join(" ")}); _describe command shown;;`;
    });
}

/** A colon would end the name. */
function described(name: string, description: string): string {
  return shellQuote(`${name}:${description}`);
}

function complete(values: Values): string {
  if (values === "any") return ":";
  return values === "files" ? "_files" : `compadd -- ${values.words.map(shellQuote).join(" ")}`;
}
