import type { ErrorData, SessionEndedData, TurnEndedMetadata } from "../../schema/event.ts";
import { visibleText } from "../../io/visible-text.ts";
import { printableOutput, uncoloured } from "./printable.ts";
import type { Style } from "./style.ts";

/** What helps against an error of this code. */
const cures: Record<string, string> = {
  auth: "Set the agent's key in the environment, or log in with the agent's own program.",
  rate_limit: "Wait a while, then ask again.",
  overloaded: "Wait a while, then ask again.",
  context_window: "Begin a new session: this one no longer fits into the model.",
  network: "Check the network and the proxy.",
  process_start: "Install the agent again: sandbox-agent install-agent <agent> --reinstall",
};

/** An error in the words of the agent, and what helps against it. */
export function errorLines(style: Style, { message, code, details }: ErrorData): string[] {
  const what = `error${code === null ? "" : ` (${visibleText(code, "name")})`}: ${printableOutput(message).trim()}`;
  if (isRetrying(details)) return [style.yellow(`${what} - trying again`)];
  const cure = code === null ? undefined : cures[code];
  return [style.red(what), ...(cure === undefined ? [] : [`  ${cure}`])];
}

function isRetrying(details: unknown): boolean {
  return (
    typeof details === "object" &&
    details !== null &&
    "retrying" in details &&
    details.retrying === true
  );
}

/** How a turn ended, how long it took and what it cost. */
export function turnLine(style: Style, metadata: TurnEndedMetadata): string {
  const { status, stop_reason, duration_ms, usage } = metadata;
  const colour = { completed: style.green, failed: style.red, interrupted: style.yellow }[status];
  const unusual = stop_reason !== undefined && stop_reason !== "end_turn";
  const figures = [
    ...(unusual ? [visibleText(stop_reason, "name")] : []),
    describeDuration(duration_ms),
    ...(usage
      ? [`${grouped(usage.input_tokens)} tokens in, ${grouped(usage.output_tokens)} out`]
      : []),
    ...(usage?.cost_usd === undefined ? [] : [`$${usage.cost_usd.toFixed(4)}`]),
  ];
  return `${colour(status)}${style.dim(` · ${figures.join(" · ")}`)}`;
}

/** How a session ended. */
export function sessionLines(style: Style, data: SessionEndedData): string[] {
  const { reason, message, exit_code, stderr } = data;
  const why = message === undefined ? "" : `: ${printableOutput(message)}`;
  const code = exit_code === undefined ? "" : ` (exit code ${exit_code})`;
  const said = uncoloured(stderr?.tail ?? stderr?.head ?? "").trim();
  const colour = reason === "error" ? style.red : style.dim;
  return [
    colour(`session ended, ${reason}${code}${why}`),
    ...(said === "" ? [] : said.split("\n").map((line) => style.dim(`  ${line}`))),
  ];
}

function describeDuration(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
}

function grouped(count: number): string {
  return count.toLocaleString("en-US");
}
