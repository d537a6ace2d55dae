import type { AgentItem, AgentOutput } from "../agent.ts";
import { memoryKey } from "../memory-key.ts";

/** An item whose status the moment decides. */
export type MockItem = Omit<AgentItem, "status">;

/** An assistant's message of one text. */
export function message(nativeId: string, text: string): MockItem {
  return { nativeId, kind: "message", role: "assistant", content: [{ type: "text", text }] };
}

export function started(item: MockItem): AgentOutput {
  return { type: "item.started", item: { ...item, status: "in_progress" } };
}

export function completed(item: MockItem, status: AgentItem["status"] = "completed"): AgentOutput {
  return { type: "item.completed", item: { ...item, status } };
}

/** An item that is started with its content already complete. */
export function whole(item: MockItem): AgentOutput[] {
  return [started(item), completed(item)];
}

/** An assistant's message of one text, from start to end. */
export function say(nativeId: string, text: string): AgentOutput[] {
  return whole(message(nativeId, text));
}

export function askPermission(
  id: string,
  action: string,
  metadata: Record<string, unknown>,
): AgentOutput {
  const request = { id, action, metadata, memoryKey: memoryKey(action, metadata) };
  return { type: "permission.requested", request };
}

export function askQuestion(id: string, question: string, labels: string[]): AgentOutput {
  const options = labels.map((label) => ({ label }));
  const questions = [{ question, multi_select: false, options }];
  return { type: "question.requested", request: { id, questions } };
}
