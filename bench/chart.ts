const WIDTH = 760;
const LABELS = 150;
const FIGURES = 150;
const ROW = 26;
const HEAD = 64;
const FOOT = 30;
const PLOT = WIDTH - LABELS - FIGURES;

/** How many times better than the reference a daemon is; less than 1 is worse. */
export interface Bar {
  name: string;
  times: number;
}

/**
 * A chart in SVG: a bar for each measure on a logarithmic scale, to the right of the line in the middle
 * where it is better than the reference, to the left where it is worse.
 */
export function chart(drawn: readonly Bar[], title: string): string {
  const span = Math.max(...drawn.map(({ times }) => Math.abs(Math.log10(times))), 1);
  const middle = LABELS + PLOT / 2;
  const x = (times: number) => middle + (Math.log10(times) / span) * (PLOT / 2);
  const height = HEAD + drawn.length * ROW + FOOT;
  const lines = drawn.map(({ name, times }, index) => {
    const y = HEAD + index * ROW;
    const end = x(times);
    const left = Math.min(middle, end);
    const width = Math.abs(end - middle);
    const kind = times < 1 ? "worse" : "better";
    return [
      `<text x="${LABELS - 10}" y="${y + 17}" text-anchor="end">${name}</text>`,
      `<rect class="${kind}" x="${fixed(left)}" y="${y + 4}" width="${fixed(width)}" height="${ROW - 8}" rx="2"/>`,
      `<text x="${WIDTH - FIGURES + 20}" y="${y + 17}">${timesText(times)}</text>`,
    ].join("");
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${title}">`,
    "<style>text{font:13px system-ui,sans-serif;fill:#24292f}.title{font-size:15px;font-weight:600}.note{fill:#57606a}",
    ".better{fill:#1a7f64}.worse{fill:#b35900}.line{stroke:#8c959f}",
    "@media (prefers-color-scheme:dark){text{fill:#e6edf3}.note{fill:#9198a1}.better{fill:#3fb68b}.worse{fill:#e0903f}}</style>",
    `<text class="title" x="10" y="24">${title}</text>`,
    `<text class="note" x="${middle - 10}" y="50" text-anchor="end">worse</text>`,
    `<text class="note" x="${middle + 10}" y="50">better</text>`,
    ...lines,
    `<line class="line" x1="${middle}" x2="${middle}" y1="${HEAD - 24}" y2="${height - FOOT + 6}"/>`,
    `<text class="note" x="10" y="${height - 8}">Logarithmic scale. The line in the middle is the reference.</text>`,
    "</svg>",
    "",
  ].join("\n");
}

/** `3.7 times`, or what part of it is reached. */
function timesText(times: number): string {
  return `${times >= 10 ? times.toFixed(0) : times.toPrecision(2)} times`;
}

function fixed(value: number): string {
  return value.toFixed(1);
}
