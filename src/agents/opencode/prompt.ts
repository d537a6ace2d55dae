import { basename } from "node:path";
import { pathToFileURL } from "node:url";
import type { Prompt } from "../agent.ts";
import { splitImages } from "../user-message.ts";
import type { ModelName } from "./models.ts";

/**
 * The parts of a prompt: its text, in which files are named, and its images. Of other files OpenCode
 * takes few types, and a message with one of another fails (1.18.33).
 */
export function toParts(prompt: Prompt): object[] {
  const { images, text } = splitImages(prompt);
  return [
    { type: "text", text },
    ...images.map(({ path, mime, filename = basename(path) }) => {
      return { type: "file", mime, url: pathToFileURL(path).href, filename };
    }),
  ];
}

/** Settings of a message. */
interface MessageSettings {
  model: ModelName | undefined;
  agent: string;
  variant: string | null;
  system: string | undefined;
}

/** The body of the request that hands a message over. */
export function messageBody(
  parts: readonly object[],
  { variant, ...settings }: MessageSettings,
): object {
  return { parts, ...settings, ...(variant !== null && { variant }) };
}
