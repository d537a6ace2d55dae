import { readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { z } from "zod";
import type { MessageRequest } from "../../schema/message.ts";
import { PermissionReply } from "../../schema/permission.ts";
import type { CreateSessionRequest } from "../../schema/session.ts";
import { ask, follow } from "../ask.ts";
import { SessionOptions, toSessionRequest } from "../session-options.ts";

const EventsOptions = z.object({
  offset: z.number().nullable().default(null),
  limit: z.number().nullable().default(null),
  includeRaw: z.boolean().nullable().default(null),
});

const StreamOptions = EventsOptions.extend({ json: z.boolean().default(false) });

const MessageOptions = z.object({
  message: z.string(),
  attach: z.array(z.string()).default([]),
});

const CreateOptions = SessionOptions.extend({
  agentVersion: z.string().optional(),
  directory: z.string().optional(),
  title: z.string().optional(),
  env: z.record(z.string(), z.string()).optional(),
  mcpConfig: z.string().optional(),
  skill: z.array(z.string()).optional(),
});

/** `api sessions list`. */
export function listSessions(given: unknown): Promise<void> {
  return ask(given, (client) => client.listSessions());
}

/** `api sessions create <session-id>`. */
export async function createSession(id: string, given: unknown): Promise<void> {
  const options = CreateOptions.parse(given);
  const { agentVersion, directory, title, env, mcpConfig, skill } = options;
  const request: CreateSessionRequest = {
    ...toSessionRequest(options),
    agentVersion,
    directory: directory === undefined ? undefined : resolve(directory),
    title,
    env,
    mcp: mcpConfig === undefined ? undefined : await readServers(mcpConfig),
    skills: skill && { sources: skill.map((source) => ({ type: "local", source })) },
  };
  await ask(given, (client) => client.createSession(id, request));
}

/** `api sessions get <session-id>`. */
export function getSession(id: string, given: unknown): Promise<void> {
  return ask(given, (client) => client.getSession(id));
}

/** `api sessions delete <session-id>`. */
export function deleteSession(id: string, given: unknown): Promise<void> {
  return ask(given, (client) => client.deleteSession(id));
}

/** `api sessions interrupt <session-id>`. */
export function interruptSession(id: string, given: unknown): Promise<void> {
  return ask(given, (client) => client.interruptSession(id));
}

/** `api sessions terminate <session-id>`. */
export function terminateSession(id: string, given: unknown): Promise<void> {
  return ask(given, (client) => client.terminateSession(id));
}

/** `api sessions send-message <session-id>`. */
export function sendMessage(id: string, given: unknown): Promise<void> {
  return ask(given, (client) => client.postMessage(id, messageOf(given)));
}

/** `api sessions send-message-stream <session-id>`. */
export function sendMessageStream(id: string, given: unknown): Promise<void> {
  const { json, includeRaw } = StreamOptions.parse(given);
  return follow(given, json, (client) =>
    client.streamTurn(id, messageOf(given), { include_raw: includeRaw }),
  );
}

/** `api sessions events <session-id>`. */
export function getEvents(id: string, given: unknown): Promise<void> {
  const { offset, limit, includeRaw } = EventsOptions.parse(given);
  return ask(given, (client) => client.getEvents(id, { offset, limit, include_raw: includeRaw }));
}

/** `api sessions events-sse <session-id>`. */
export function followEvents(id: string, given: unknown): Promise<void> {
  const { json, offset, includeRaw } = StreamOptions.parse(given);
  return follow(given, json, (client) =>
    client.streamEvents(id, { offset, include_raw: includeRaw }),
  );
}

/** `api sessions image <session-id> <path>`. */
export function getImage(id: string, path: string, given: unknown): Promise<void> {
  const { output } = z.object({ output: z.string() }).parse(given);
  return ask(given, async (client) => {
    const image = await client.getImage(id, path);
    await writeFile(output, Buffer.from(await image.arrayBuffer()));
  });
}

/** `api sessions reply-question <session-id> <question-id>`. */
export function replyQuestion(id: string, question: string, given: unknown): Promise<void> {
  const request = z.object({ answers: z.array(z.array(z.string())) }).parse(given);
  return ask(given, (client) => client.replyQuestion(id, question, request));
}

/** `api sessions reject-question <session-id> <question-id>`. */
export function rejectQuestion(id: string, question: string, given: unknown): Promise<void> {
  return ask(given, (client) => client.rejectQuestion(id, question));
}

/** `api sessions reply-permission <session-id> <permission-id>`. */
export function replyPermission(id: string, permission: string, given: unknown): Promise<void> {
  const request = z.object({ reply: PermissionReply }).parse(given);
  return ask(given, (client) => client.replyPermission(id, permission, request));
}

function messageOf(given: unknown): MessageRequest {
  const { message, attach } = MessageOptions.parse(given);
  const attachments = attach.map((path) => ({ path: resolve(path) }));
  return attachments.length > 0 ? { message, attachments } : { message };
}

/** What stands in it is the daemon's to judge. */
async function readServers(file: string): Promise<CreateSessionRequest["mcp"]> {
  const content = await readFile(file, "utf8");
  try {
    const servers: CreateSessionRequest["mcp"] = JSON.parse(content);
    return servers;
  } catch (cause) {
    throw new Error(`${file} is no JSON`, { cause });
  }
}
