import { SseDecoder } from "../io/sse.ts";
import type { UniversalEvent } from "../schema/event.ts";

/** Reads the events of one answer until it ends or breaks off, which throws; leaving it closes it. */
export async function* readEvents(
  response: Response,
  onBytes?: () => void,
): AsyncGenerator<UniversalEvent, void, void> {
  if (!response.body) return;
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  const events = new SseDecoder();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      onBytes?.();
      for (const data of events.decode(decoder.decode(value, { stream: true }))) {
        const event: UniversalEvent = JSON.parse(data);
        yield event;
      }
    }
  } finally {
    // Of a stream that broke off there is nothing to cancel any more.
    await reader.cancel().catch(() => undefined);
  }
}
