import { cpus, release, totalmem, type } from "node:os";
import { type Bound, type Build, musts } from "../musts.ts";
import type { Finding, Measure } from "./measure.ts";

/** What became of one measure: of ours and of another daemon, each a finding or why there is none. */
export interface Row {
  measure: Measure;
  ours: Finding | Error;
  other?: Finding | Error;
}

/** What the figures were measured on. */
export function machine(): string {
  const [cpu] = cpus();
  const memory = (totalmem() / 2 ** 30).toFixed(0);
  const day = new Date().toISOString().slice(0, 10);
  return `${day}, ${cpus().length} cores (${cpu?.model.trim() ?? "?"}), ${memory} GiB, ${type()} ${release()}, Node ${process.versions.node}`;
}

/** Whether a build is what it must be; undefined where nothing is asked of it. */
export function holds({ measure, ours, other }: Row, build: Build): boolean | undefined {
  const found = build === "source" ? ours : other;
  const must = musts[measure.name]?.[build];
  if (found instanceof Error) return build === "executable" && !must ? undefined : false;
  if (!must || !found) return undefined;
  const { value, note } = found;
  if (note?.endsWith(" lost") && note !== "none lost") return false;
  return "atLeast" in must ? value >= must.atLeast : value <= must.atMost;
}

/** Another daemon that is measured in the same run. */
export interface Other {
  label: string;
  /** Our own executable, of which more is asked. */
  ours: boolean;
}

/** The findings as a table in Markdown. */
export function table(rows: readonly Row[], other: Other | undefined): string {
  const head = [
    "measure",
    "unit",
    "ours",
    ...(other ? [other.label, "ours is better by"] : []),
    "must",
    "holds",
    ...(other?.ours === true ? ["executable must", "executable holds"] : []),
    "method",
  ];
  const lines = rows.map((row) => {
    const { measure } = row;
    return [
      measure.name,
      measure.unit,
      cell(row.ours),
      ...(other ? [cell(row.other), ratio(row)] : []),
      ...judged(row, "source"),
      ...(other?.ours === true ? judged(row, "executable") : []),
      measure.method,
    ];
  });
  return [head, head.map(() => "---"), ...lines]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}

function cell(finding: Finding | Error | undefined): string {
  if (finding === undefined) return "";
  if (finding instanceof Error) return `n/a: ${finding.message.split("\n")[0]}`;
  return finding.note === undefined
    ? figure(finding.value)
    : `${figure(finding.value)}, ${finding.note}`;
}

/** Three digits that mean something. */
function figure(value: number): string {
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString("en");
  return value.toPrecision(3);
}

/** What is asked of a build, and whether it is so. */
function judged(row: Row, build: Build): string[] {
  const held = holds(row, build);
  return [bound(musts[row.measure.name]?.[build]), held === undefined ? "" : held ? "yes" : "NO"];
}

function bound(must: Bound | undefined): string {
  if (!must) return "";
  return "atLeast" in must ? `>= ${figure(must.atLeast)}` : `<= ${figure(must.atMost)}`;
}

function ratio({ measure, ours, other }: Row): string {
  if (!other || ours instanceof Error || other instanceof Error) return "";
  const better = measure.lessIsBetter ? other.value / ours.value : ours.value / other.value;
  return `${better.toPrecision(2)}x`;
}
