import { pathToFileURL } from "node:url";
import { basename, extname } from "node:path";
import type { AgentItem, Prompt, PromptAttachment } from "../agent.ts";

const IMAGES = [".png", ".jpg", ".jpeg", ".gif", ".webp"];

/** The parts of a prompt: its text, and its files as OpenCode takes them. */
export function toParts({ text, attachments }: Prompt): object[] {
  return [
    { type: "text", text },
    ...attachments.map((attachment) => ({
      type: "file",
      mime: mimeOf(attachment),
      url: pathToFileURL(attachment.path).href,
      filename: attachment.filename ?? basename(attachment.path),
    })),
  ];
}

/** The user's message as an item. */
export function userItem(nativeId: string, { text, attachments }: Prompt): AgentItem {
  return {
    nativeId,
    kind: "message",
    role: "user",
    content: [
      { type: "text", text },
      ...attachments.map((attachment) =>
        isImage(attachment)
          ? ({ type: "image", path: attachment.path, mime: mimeOf(attachment) } as const)
          : ({ type: "file_ref", path: attachment.path, action: "read", diff: null } as const),
      ),
    ],
    status: "completed",
  };
}

function isImage({ path, mime }: PromptAttachment): boolean {
  return mime?.startsWith("image/") ?? IMAGES.includes(extname(path).toLowerCase());
}

function mimeOf(attachment: PromptAttachment): string {
  if (attachment.mime !== undefined) return attachment.mime;
  const type = extname(attachment.path).toLowerCase().slice(1);
  if (isImage(attachment)) return `image/${type === "jpg" ? "jpeg" : type}`;
  return "text/plain";
}
