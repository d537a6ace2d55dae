import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import type { AgentItem, Prompt, PromptAttachment } from "../agent.ts";
import { promptText } from "../prompt-text.ts";

/** The image types that the CLI takes (0.0.1790142911). */
const IMAGE_TYPES: Record<string, string> = {
  ".png": "image/png",
  ".jpg": "image/jpeg",
  ".jpeg": "image/jpeg",
  ".gif": "image/gif",
  ".webp": "image/webp",
};

/**
 * The content of a user line: images natively where the CLI takes them, other files named in the
 * text. The older CLI ends with an error when it is given an image (0.0.1769425000).
 */
export async function toUserContent(prompt: Prompt, takesImages: boolean): Promise<object[]> {
  const images: object[] = [];
  const others: PromptAttachment[] = [];
  for (const attachment of prompt.attachments) {
    const media_type = takesImages ? imageType(attachment) : undefined;
    // An image that cannot be read is named like any other file: the agent will say so.
    const data = media_type && (await readFile(attachment.path, "base64").catch(() => undefined));
    if (media_type && data)
      images.push({ type: "image", source: { type: "base64", media_type, data } });
    else others.push(attachment);
  }
  return [{ type: "text", text: promptText({ ...prompt, attachments: others }) }, ...images];
}

/** The user's message as an item: the CLI repeats only its text. */
export function userItem(nativeId: string, prompt: Prompt): AgentItem {
  const images = prompt.attachments.flatMap((attachment) => {
    const mime = imageType(attachment);
    return mime === undefined ? [] : [{ type: "image", path: attachment.path, mime } as const];
  });
  const others = prompt.attachments.filter((attachment) => imageType(attachment) === undefined);
  return {
    nativeId,
    kind: "message",
    role: "user",
    content: [{ type: "text", text: promptText({ ...prompt, attachments: others }) }, ...images],
    status: "completed",
  };
}

function imageType({ path, mime }: PromptAttachment): string | undefined {
  const type = mime ?? IMAGE_TYPES[extname(path).toLowerCase()];
  return type !== undefined && Object.values(IMAGE_TYPES).includes(type) ? type : undefined;
}
