import { basename } from "node:path";
import { pathToFileURL } from "node:url";
import type { Prompt } from "../agent.ts";
import { splitImages } from "../user-message.ts";

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
