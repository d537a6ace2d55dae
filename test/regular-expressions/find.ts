import { globSync, readFileSync } from "node:fs";
import { parseSync, Visitor } from "vite";

/** A regular expression of the sources. */
export interface FoundExpression {
  /** The file, from the root of the repository. */
  file: string;
  /** The expression as the file has it; a call of `RegExp` as it stands, on one line. */
  source: string;
  /** Undefined for a call of `RegExp`, which has no value before it runs. */
  regex: RegExp | undefined;
  /** True if a text is split by the expression, which is then tried at every position. */
  splits: boolean;
}

const root = new URL("../../", import.meta.url).pathname;

/** Returns each regular expression of `src/`, by file and in order. */
export function findExpressions(): FoundExpression[] {
  const files = globSync("src/**/*.{ts,tsx}", { cwd: root });
  return files.toSorted().flatMap((file) => expressionsIn(file, readFileSync(root + file, "utf8")));
}

function expressionsIn(file: string, text: string): FoundExpression[] {
  const found: FoundExpression[] = [];
  const separators = new Set<number>();
  const addCall = (start: number, end: number): void => {
    const source = text.slice(start, end).replaceAll(/\s+/g, " ");
    found.push({ file, source, regex: undefined, splits: false });
  };
  new Visitor({
    CallExpression({ start, end, callee, arguments: [first] }) {
      if (callee.type === "Identifier" && callee.name === "RegExp") addCall(start, end);
      const isSplit =
        callee.type === "MemberExpression" &&
        callee.property.type === "Identifier" &&
        callee.property.name === "split";
      if (isSplit && first) separators.add(first.start);
    },
    NewExpression({ start, end, callee }) {
      if (callee.type === "Identifier" && callee.name === "RegExp") addCall(start, end);
    },
    Literal(node) {
      if (!("regex" in node)) return;
      const { pattern, flags } = node.regex;
      const splits = separators.has(node.start);
      const source = `/${pattern}/${flags}`;
      found.push({ file, source, regex: new RegExp(pattern, flags), splits });
    },
  }).visit(parseSync(file, text).program);
  return found;
}
