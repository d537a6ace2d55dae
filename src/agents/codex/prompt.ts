import { extname } from "node:path";
import type { AgentItem, Prompt, PromptAttachment } from "../agent.ts";
import { promptText } from "../prompt-text.ts";

const IMAGES = [".png", ".jpg", ".jpeg", ".gif", ".webp"];

/** The input of a turn: images natively, other files named in the text. */
export function toInput(prompt: Prompt): object[] {
  const { images, text } = split(prompt);
  return [...images.map(({ path }) => ({ type: "localImage", path })), textInput(text)];
}

/** A text as an input. */
export function textInput(text: string): object {
  return { type: "text", text, text_elements: [] };
}

/** The user's message as an item. */
export function userItem(nativeId: string, prompt: Prompt): AgentItem {
  const { images, text } = split(prompt);
  return {
    nativeId,
    kind: "message",
    role: "user",
    content: [
      { type: "text", text },
      ...images.map(({ path, mime }) => ({ type: "image", path, mime: mime ?? null }) as const),
    ],
    status: "completed",
  };
}

function split(prompt: Prompt): { images: PromptAttachment[]; text: string } {
  const images = prompt.attachments.filter(isImage);
  const attachments = prompt.attachments.filter((attachment) => !isImage(attachment));
  return { images, text: promptText({ ...prompt, attachments }) };
}

function isImage({ path, mime }: PromptAttachment): boolean {
  return mime?.startsWith("image/") ?? IMAGES.includes(extname(path).toLowerCase());
}
