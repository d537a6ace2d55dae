import { shellQuote } from "../../io/shell-quote.ts";
import { type CompletedCommand, positions, type Values } from "./model.ts";

/** The shell's words that make it complete to some values. */
type Complete = (values: Values) => string;

/** A case pattern of bash and zsh that stands for any of these texts. */
export function anyOf(texts: string[]): string {
  return texts.map(shellQuote).join("|");
}

/** A case for each option after which a value follows. */
export function valueCases(commands: CompletedCommand[], complete: Complete): string {
  const cases = commands.flatMap(({ path, options }) =>
    options.flatMap(({ flags, value }) => {
      if (value === undefined) return [];
      const keys = flags.map((flag) => `${path}/${flag}`);
      return [`    ${anyOf(keys)}) ${complete(value)}; return;;`];
    }),
  );
  return cases.join("\n");
}

/** A case for each position that is no option. */
export function positionCases(commands: CompletedCommand[], complete: Complete): string {
  return positions(commands)
    .map(([key, value]) => `    ${shellQuote(key)}) ${complete(value)};;`)
    .join("\n");
}
