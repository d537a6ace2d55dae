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
