import type { Prompt } from "../agent.ts";
import { type ImageBlock, readImages } from "../user-message.ts";

/** The content of a user line: images natively, other files named in the text. */
export async function toUserContent(
  prompt: Prompt,
): Promise<string | (ImageBlock | { type: "text"; text: string })[]> {
  const { images, text } = await readImages(prompt);
  return images.length === 0 ? text : [...images, { type: "text", text }];
}
