import type { Prompt } from "./agent.ts";

/** The text of a message, its files named at the end: for an agent that does not take files as such. */
export function promptText({ text, attachments }: Prompt): string {
  if (attachments.length === 0) return text;
  const lines = attachments.map(({ path }) => `- ${path}\n`);
  return `${text}\n\nAttachments:\n${lines.join("")}`;
}
