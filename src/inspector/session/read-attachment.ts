import type { MessageAttachment } from "../../schema/message.ts";

/** A file of the person's own machine, as a message takes it. */
export async function readAttachment(file: File): Promise<MessageAttachment> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let binary = "";
  // In steps: so many arguments at once no engine takes.
  for (let at = 0; at < bytes.length; at += 32_768) {
    binary += String.fromCharCode(...bytes.subarray(at, at + 32_768));
  }
  const mime = file.type === "" ? "application/octet-stream" : file.type;
  return { data: btoa(binary), mime, filename: file.name };
}
