import { styleText } from "node:util";

/** How a piece of text is set off from the rest. */
export type Style = Record<
  "bold" | "dim" | "red" | "green" | "yellow" | "cyan",
  (text: string) => string
>;

/** Colours on a terminal, none elsewhere; `FORCE_COLOR` and `NO_COLOR` say otherwise. */
export function createStyle(
  stream: { isTTY?: boolean },
  env: Record<string, string | undefined> = process.env,
): Style {
  const coloured = hasColours(stream, env);
  const style = (format: keyof Style) => (text: string) =>
    coloured && text !== "" ? styleText(format, text, { validateStream: false }) : text;
  return {
    bold: style("bold"),
    dim: style("dim"),
    red: style("red"),
    green: style("green"),
    yellow: style("yellow"),
    cyan: style("cyan"),
  };
}

function hasColours(
  { isTTY = false }: { isTTY?: boolean },
  env: Record<string, string | undefined>,
): boolean {
  const { FORCE_COLOR: force, NO_COLOR: none, TERM: terminal } = env;
  if (force !== undefined) return force !== "0" && force !== "false";
  return isTTY && (none ?? "") === "" && terminal !== "dumb";
}
