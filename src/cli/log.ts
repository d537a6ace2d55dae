import { pino, type Logger } from "pino";

/** How the daemon logs. */
export interface LogOptions {
  level: string;
  /** Default: `pretty` where stderr is a terminal. */
  format?: "json" | "pretty" | undefined;
  /** Takes secrets out of each line. */
  redact: (line: string) => string;
}

/** A logger to stderr. A plain stream, no pino transport: those do not work in an executable. */
export async function createLogger({ level, format, redact }: LogOptions): Promise<Logger> {
  const options = { level, hooks: { streamWrite: redact } };
  const pretty = format === undefined ? process.stderr.isTTY : format === "pretty";
  if (!pretty) return pino(options, pino.destination({ dest: 2, sync: true }));
  const { default: PinoPretty } = await import("pino-pretty");
  const stream = PinoPretty({
    destination: 2,
    sync: true,
    ignore: "pid,hostname",
    singleLine: true,
  });
  return pino(options, stream);
}
