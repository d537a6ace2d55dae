const UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
/** A timer of the runtime waits no longer; about 24 days. */
const MAX_MS = 2 ** 31 - 1;

/** Milliseconds that a text like `10m`, `90s` or `0` means; undefined where it means none. */
export function parseDuration(text: string): number | undefined {
  const trimmed = text.trim();
  if (/^0+$/.test(trimmed)) return 0;
  const match = /^(\d+)\s*(ms|s|m|h)$/i.exec(trimmed);
  const unit = UNITS[(match?.[2] ?? "").toLowerCase()];
  if (!match || unit === undefined) return undefined;
  const ms = Number(match[1]) * unit;
  return ms <= MAX_MS ? ms : undefined;
}
