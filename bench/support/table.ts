import { cpus, release, totalmem, type } from "node:os";
import { recorded } from "../recorded.ts";
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

/** Whether ours is what it must be; undefined where nothing is asked. */
export function holds({ measure, ours }: Row): boolean | undefined {
  if (ours instanceof Error) return false;
  const { must } = measure;
  if (!must) return undefined;
  const { value, note } = ours;
  if (note?.endsWith(" lost") && note !== "none lost") return false;
  return "atLeast" in must ? value >= must.atLeast : value <= must.atMost;
}

/** The findings as a table in Markdown. */
export function table(rows: readonly Row[], other: string | undefined): string {
  const head = [
    "measure",
    "unit",
    "ours",
    ...(other === undefined ? [] : [other, "ours is better by"]),
    "reference 0.1.11 (recorded)",
    "spike (recorded)",
    "must",
    "holds",
    "method",
  ];
  const lines = rows.map((row) => {
    const { measure } = row;
    const { reference = "", spike = "" } = recorded[measure.name] ?? {};
    return [
      measure.name,
      measure.unit,
      cell(row.ours),
      ...(other === undefined ? [] : [cell(row.other), ratio(row)]),
      reference,
      spike,
      mustCell(measure),
      { true: "yes", false: "NO", undefined: "" }[String(holds(row)) as "true"],
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

function mustCell({ must }: Measure): string {
  if (!must) return "";
  return "atLeast" in must ? `>= ${figure(must.atLeast)}` : `<= ${figure(must.atMost)}`;
}

function ratio({ measure, ours, other }: Row): string {
  if (!other || ours instanceof Error || other instanceof Error) return "";
  const better = measure.lessIsBetter ? other.value / ours.value : ours.value / other.value;
  return `${better.toPrecision(2)}x`;
}
