import { extname } from "node:path";
import { readBounded } from "../io/read-bounded.ts";
import { ownMember } from "./foreign.ts";
import type { AgentItem, Prompt, PromptAttachment } from "./agent.ts";
import { promptText } from "./prompt-text.ts";

const MAX_IMAGE_BYTES = 32 * 1024 * 1024;

/** The image types that models take. */
const IMAGE_TYPES: Record<string, string> = {
  ".png": "image/png",
  ".jpg": "image/jpeg",
  ".jpeg": "image/jpeg",
  ".gif": "image/gif",
  ".webp": "image/webp",
};

/** An image that belongs to a message. */
export interface PromptImage {
  path: string;
  mime: string;
  filename?: string;
}

/** The images of a message, and its text, in which all other files are named. */
export function splitImages(prompt: Prompt): { images: PromptImage[]; text: string } {
  const images: PromptImage[] = [];
  const attachments: PromptAttachment[] = [];
  for (const attachment of prompt.attachments) {
    const mime = imageType(attachment);
    if (mime === undefined) attachments.push(attachment);
    else images.push({ ...attachment, mime });
  }
  return { images, text: promptText({ ...prompt, attachments }) };
}

/** An image as the Messages API takes it. */
export interface ImageBlock {
  type: "image";
  source: { type: "base64"; media_type: string; data: string };
}

/**
 * The same with the images as blocks. One that cannot be read is named like any other file: the agent
 * will say so.
 */
export async function readImages(prompt: Prompt): Promise<{ images: ImageBlock[]; text: string }> {
  const images: ImageBlock[] = [];
  const attachments: PromptAttachment[] = [];
  for (const attachment of prompt.attachments) {
    const media_type = imageType(attachment);
    const bytes =
      media_type && (await readBounded(attachment.path, MAX_IMAGE_BYTES).catch(() => undefined));
    const data = bytes && bytes.toString("base64");
    if (!media_type || !data) attachments.push(attachment);
    else images.push({ type: "image", source: { type: "base64", media_type, data } });
  }
  return { images, text: promptText({ ...prompt, attachments }) };
}

/** The user's message as an item: no agent tells all of it. */
export function userItem(nativeId: string, prompt: Prompt): AgentItem {
  const { images, text } = splitImages(prompt);
  return {
    nativeId,
    kind: "message",
    role: "user",
    content: [
      { type: "text", text },
      ...images.map(({ path, mime }) => ({ type: "image", path, mime }) as const),
    ],
    status: "completed",
  };
}

function imageType({ path, mime }: PromptAttachment): string | undefined {
  const type = mime ?? ownMember(IMAGE_TYPES, extname(path).toLowerCase());
  return type !== undefined && Object.values(IMAGE_TYPES).includes(type) ? type : undefined;
}
