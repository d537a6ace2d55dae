import type { Prompt } from "../agent.ts";
import { promptText } from "../prompt-text.ts";
import { readImages } from "../user-message.ts";

/**
 * The content of a user line: images natively where the CLI takes them, other files named in the
 * text. The older CLI ends with an error when it is given an image (0.0.1769425000).
 */
export async function toUserContent(prompt: Prompt, takesImages: boolean): Promise<object[]> {
  if (!takesImages) return [{ type: "text", text: promptText(prompt) }];
  const { images, text } = await readImages(prompt);
  return [{ type: "text", text }, ...images];
}
