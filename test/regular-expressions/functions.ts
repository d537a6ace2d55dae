import { parseJsonc } from "../../src/agents/amp/jsonc.ts";
import { editedPaths } from "../../src/agents/amp/inside.ts";
import { abilitiesFrom } from "../../src/agents/amp/probe.ts";
import { plainMessage } from "../../src/agents/opencode/outcome.ts";
import { oneLine, uncoloured } from "../../src/cli/render/printable.ts";
import { redactShapes } from "../../src/credentials/secret-shapes.ts";
import { Secrets } from "../../src/credentials/secrets.ts";
import { plainOutput } from "../../src/inspector/session/plain-output.ts";

/** A function that reads foreign text, and the file whose expressions show what delays it. */
export interface TextFunction {
  name: string;
  file: string;
  run: (text: string) => unknown;
}

const names = Array.from({ length: 1_000 }, (_, n) => n);
const secrets = new Secrets(
  Object.fromEntries(names.map((n) => [`A_KEY_${n}`, `${"a".repeat(8 + (n % 300))}-${n}`])),
);

/** Functions that apply several expressions, or read a text in a loop of their own. */
export const textFunctions: readonly TextFunction[] = [
  { name: "redactShapes", file: "src/credentials/secret-shapes.ts", run: redactShapes },
  {
    name: "Secrets.redact with 1,000 secrets",
    file: "src/credentials/secret-shapes.ts",
    run: (text) => secrets.redact(text),
  },
  { name: "plainOutput", file: "src/inspector/session/plain-output.ts", run: plainOutput },
  { name: "uncoloured", file: "src/cli/render/printable.ts", run: uncoloured },
  { name: "oneLine", file: "src/cli/render/printable.ts", run: (text) => oneLine(text, 80) },
  { name: "plainMessage", file: "src/agents/opencode/outcome.ts", run: plainMessage },
  { name: "abilitiesFrom", file: "src/agents/amp/probe.ts", run: abilitiesFrom },
  {
    name: "editedPaths",
    file: "src/agents/amp/inside.ts",
    run: (patchText) => editedPaths("apply_patch", { patchText }),
  },
  {
    name: "parseJsonc",
    file: "src/agents/amp/jsonc.ts",
    run: (text) => {
      try {
        return parseJsonc(text);
      } catch {
        return undefined;
      }
    },
  },
];
