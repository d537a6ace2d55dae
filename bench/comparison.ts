import type { Bar } from "./chart.ts";
import { measures } from "./measures.ts";
import recorded from "./reference.json" with { type: "json" };

interface Figure {
  value: number;
  /** The part of the events that never reached the reader, in percent. */
  lost?: number;
}

interface Comparison {
  unit: string;
  reference: Figure;
  source: Figure;
  executable: Figure;
  /** From source again, an hour later. The difference to `source` is the scatter of the machine. */
  sourceAgain: Figure;
}

const comparisons: Readonly<Record<string, Comparison>> = recorded.measures;

/** The recorded comparison with the Rust daemon, as a table in Markdown. */
export function comparisonTable(): string {
  const head = ["measure", "unit", "reference", "from source", "executable", "from source, again"];
  const rows = Object.entries(comparisons).map(([name, found]) => {
    const { unit, reference, source, executable, sourceAgain } = found;
    return [`\`${name}\``, unit, ...[reference, source, executable, sourceAgain].map(cell)];
  });
  return [head, head.map(() => "---"), ...rows]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}

/** The executable beside the reference, measure by measure. */
export function comparisonBars(): Bar[] {
  return Object.entries(comparisons).map(([name, { reference, executable }]) => {
    const ratio = executable.value / reference.value;
    const isLessBetter = measures.find((measure) => measure.name === name)?.lessIsBetter === true;
    return { name, times: isLessBetter ? 1 / ratio : ratio };
  });
}

function cell({ value, lost }: Figure): string {
  const figure =
    value >= 1000 ? Math.round(value).toLocaleString("en") : String(+value.toPrecision(3));
  return lost === undefined ? figure : `${figure} (${lost} % lost)`;
}
