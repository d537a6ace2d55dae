import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import type { AgentItem, Prompt, PromptAttachment } from "../agent.ts";
import { promptText } from "../prompt-text.ts";

/** The image types that Claude's Messages API takes. */
const IMAGE_TYPES: Record<string, string> = {
  ".png": "image/png",
  ".jpg": "image/jpeg",
  ".jpeg": "image/jpeg",
  ".gif": "image/gif",
  ".webp": "image/webp",
};

interface ImageBlock {
  type: "image";
  source: { type: "base64"; media_type: string; data: string };
}

/** The content of a user line: images natively, other files named in the text. */
export async function toUserContent(
  prompt: Prompt,
): Promise<string | (ImageBlock | { type: "text"; text: string })[]> {
  const images: ImageBlock[] = [];
  const others: PromptAttachment[] = [];
  for (const attachment of prompt.attachments) {
    const media_type = imageType(attachment);
    // An image that cannot be read is named like any other file: the agent will say so.
    const data = media_type && (await readFile(attachment.path, "base64").catch(() => undefined));
    if (media_type && data)
      images.push({ type: "image", source: { type: "base64", media_type, data } });
    else others.push(attachment);
  }
  const text = promptText({ ...prompt, attachments: others });
  return images.length === 0 ? text : [...images, { type: "text", text }];
}

/** The user's message as an item; the CLI does not echo it. */
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
