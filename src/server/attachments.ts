import { rm } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { PromptAttachment } from "../agents/agent.ts";
import { imageTypes, readImageType } from "../io/image-type.ts";
import type { MessageAttachment } from "../schema/message.ts";
import type { Session } from "../sessions/session.ts";
import { type Issue, validationProblem } from "./validation.ts";

const IMAGE_NAME = /\.(png|jpe?g|gif|webp)$/i;

/** The attachments of one message, all of them files now. */
export interface TakenAttachments {
  attachments: PromptAttachment[];
  /** Removes the files that were made for a message that is not accepted after all. */
  discard(): Promise<void>;
}

/** Writes inline data into the session's folder and makes every path absolute. */
export async function takeAttachments(
  session: Session,
  given: MessageAttachment[],
): Promise<TakenAttachments> {
  const issues = given.flatMap((attachment, index) => issuesOf(attachment, `attachments.${index}`));
  if (issues.length > 0) throw validationProblem(issues);
  const saved: string[] = [];
  const discard = async () => {
    await Promise.all(saved.map((path) => rm(path, { force: true })));
  };
  try {
    const attachments: PromptAttachment[] = [];
    for (const attachment of given) {
      const { data, filename } = attachment;
      const path = data == null ? located(session, attachment) : await save(session, attachment);
      if (data != null) saved.push(path);
      const mime = await typeOf(path, attachment.mime ?? undefined);
      attachments.push({
        path,
        ...(mime !== undefined && { mime }),
        ...(filename != null && { filename }),
      });
    }
    return { attachments, discard };
  } catch (error) {
    await discard();
    throw error;
  }
}

function issuesOf({ path, data, mime }: MessageAttachment, member: string): Issue[] {
  if ((path == null) === (data == null)) {
    return [{ path: member, message: "needs either `path`, or `data` with `mime`" }];
  }
  if (path != null) {
    const isUsable = path !== "" && !path.includes("\0");
    return isUsable ? [] : [{ path: `${member}.path`, message: "must be the path of a file" }];
  }
  if (!isBase64(data ?? "")) return [{ path: `${member}.data`, message: "must be base64" }];
  if (mime == null) return [{ path: `${member}.mime`, message: "is needed with `data`" }];
  return [];
}

function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
}

function located({ settings }: Session, { path }: MessageAttachment): string {
  if (path?.startsWith("file://")) {
    if (URL.canParse(path) && new URL(path).host === "") return fileURLToPath(path);
    const message = "must be a path, or a file URL without a host";
    throw validationProblem([{ path: "attachments", message }]);
  }
  return resolve(settings.directory, path ?? "");
}

/**
 * The type of a file, for an image by its first bytes. A file that only claims to be an image is handed
 * over like any other file: a model refuses it, and OpenCode repeats it in every later request.
 */
async function typeOf(path: string, claimed: string | undefined): Promise<string | undefined> {
  const found = await readImageType(path);
  if (found !== undefined) return found;
  const claims = claimed === undefined ? IMAGE_NAME.test(path) : imageTypes.includes(claimed);
  return claims ? "application/octet-stream" : claimed;
}

async function save(session: Session, { data, mime, filename }: MessageAttachment) {
  const bytes = Buffer.from(data ?? "", "base64");
  return await session.files.save(bytes, mime ?? "", filename ?? undefined);
}
