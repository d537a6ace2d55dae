import { readFile } from "node:fs/promises";
import { join } from "node:path";

const repository = join(import.meta.dirname, "../..");

/** A block of code in a document, and the heading that it stands under. */
export interface CodeBlock {
  readonly heading: string;
  readonly language: string;
  readonly text: string;
}

/** All blocks of a document of this repository, in its order. */
export async function codeBlocks(path: string): Promise<CodeBlock[]> {
  const document = await readFile(join(repository, path), "utf8");
  let heading = "";
  const found = document.matchAll(
    /^#+ (?<heading>[^\n]+)$|^```(?<language>\w*)\n(?<text>.*?)^```$/gms,
  );
  return [...found].flatMap(({ groups }) => {
    heading = groups?.["heading"] ?? heading;
    const { language, text } = groups ?? {};
    return text === undefined ? [] : [{ heading, language: language ?? "", text }];
  });
}

/** The rows of the tables in a text, each as its cells; the head and the line below it too. */
export function tableRows(text: string): string[][] {
  return [...text.matchAll(/^\| .+ \|$/gm)].map(([row]) =>
    row
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** What stands in backquotes. */
export function codeSpans(text = ""): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, span = ""]) => span);
}
