import { parseJsonc } from "../../src/agents/jsonc.ts";
import { editedPaths } from "../../src/agents/amp/edited-paths.ts";
import { abilitiesFrom } from "../../src/agents/amp/probe.ts";
import { plainMessage } from "../../src/agents/opencode/outcome.ts";
import { oneLine, uncoloured } from "../../src/cli/render/printable.ts";
import { redactShapes } from "../../src/credentials/secret-shapes.ts";
import { Secrets } from "../../src/credentials/secrets.ts";
import { visibleText } from "../../src/io/visible-text.ts";
import { plainOutput } from "../../src/inspector/session/plain-output.ts";

/** A function that reads foreign text. */
export interface TextFunction {
  name: string;
  run: (text: string) => unknown;
}

const names = Array.from({ length: 1_000 }, (_, n) => n);
const secrets = new Secrets(
  Object.fromEntries(names.map((n) => [`A_KEY_${n}`, `${"a".repeat(8 + (n % 300))}-${n}`])),
);

/** Functions that apply several expressions, or read a text in a loop of their own. */
export const textFunctions: readonly TextFunction[] = [
  { name: "redactShapes", run: redactShapes },
  {
    name: "Secrets.redact with 1,000 secrets",
    run: (text) => secrets.redact(text),
  },
  { name: "plainOutput", run: plainOutput },
  { name: "uncoloured", run: uncoloured },
  { name: "oneLine", run: (text) => oneLine(text, 80) },
  ...(["name", "code", "output", "prose"] as const).map((kind) => ({
    name: `visibleText of ${kind}`,
    run: (text: string) => visibleText(text, kind),
  })),
  { name: "plainMessage", run: plainMessage },
  { name: "abilitiesFrom", run: abilitiesFrom },
  {
    name: "editedPaths",
    run: (patchText) => editedPaths("apply_patch", { patchText }),
  },
  {
    name: "parseJsonc",
    run: (text) => {
      try {
        return parseJsonc(text);
      } catch {
        return undefined;
      }
    },
  },
];
