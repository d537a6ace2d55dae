import { pino, type LogFn, type Logger } from "pino";
import type { Redactor } from "../credentials/secrets.ts";
import { LogDestination } from "../io/log-destination.ts";
import { openStderr } from "../io/stderr-writer.ts";

/** Options of the daemon's log. */
export interface LogOptions {
  level: string;
  /** Default: `pretty` where stderr is a terminal. */
  format?: "json" | "pretty" | undefined;
  /** Removes secrets from texts before they are serialised, so that each line stays valid JSON. */
  redactor: Redactor;
}

/** A logger and the number of its lines that were dropped. */
export interface Log {
  logger: Logger;
  dropped: () => number;
}

/** Creates a logger to stderr. It uses no pino transport: those do not work in an executable. */
export async function createLog({ level, format, redactor }: LogOptions): Promise<Log> {
  const { redactIn } = redactor;
  const pretty = format === undefined ? process.stderr.isTTY : format === "pretty";
  const toText = pretty ? await prettifier() : (line: string) => line;
  const destination = new LogDestination(openStderr(), (dropped) =>
    logger.warn({ dropped }, "log lines were dropped because stderr did not accept them"),
  );
  process.on("exit", () => destination.flush());
  const logger = pino(
    {
      level,
      hooks: {
        logMethod(args, method) {
          method.apply(this, redactIn(withMessage(args)));
        },
      },
      formatters: { bindings: (bindings) => redactIn(bindings) },
    },
    { write: (line) => destination.write(toText(line)) },
  );
  return { logger, dropped: () => destination.dropped };
}

async function prettifier(): Promise<(line: string) => string> {
  const { prettyFactory } = await import("pino-pretty");
  const prettify = prettyFactory({
    ignore: "pid,hostname",
    singleLine: true,
  });
  return (line) => prettify(line);
}

type LogArguments = Parameters<LogFn>;

/** An error alone is logged with its message, which pino would take from the error unredacted. */
function withMessage(args: LogArguments): LogArguments {
  const first: unknown = args[0];
  return first instanceof Error && args.length === 1 ? [{ err: first }, first.message] : args;
}
