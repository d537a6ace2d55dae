/** One frame of a server-sent event stream; a frame of comments only has no data. */
export interface SseFrame {
  readonly id?: string;
  readonly event?: string;
  readonly data?: string;
  readonly comment?: string;
}

/** How to ask for a stream. */
export interface SseOptions {
  signal?: AbortSignal;
  lastEventId?: string | number;
  headers?: Record<string, string>;
  method?: string;
  body?: unknown;
}

/** Reads a stream frame by frame until it ends; a status other than 200 is an error. */
export async function* readSse(url: string, options: SseOptions = {}): AsyncGenerator<SseFrame> {
  const { signal, lastEventId, method = "GET", body } = options;
  const headers: Record<string, string> = { accept: "text/event-stream", ...options.headers };
  if (lastEventId !== undefined) headers["last-event-id"] = String(lastEventId);
  if (body !== undefined) headers["content-type"] = "application/json";
  const response = await fetch(url, {
    method,
    headers,
    body: body === undefined ? null : JSON.stringify(body),
    signal: signal ?? null,
  });
  if (response.status !== 200 || response.body === null) {
    throw new Error(`${method} ${url}: ${response.status} ${await response.text()}`);
  }
  let rest = "";
  // Leaving the loop cancels the body, which closes the connection.
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    rest += chunk;
    // A frame of several MiB comes in many chunks: all of it is searched once, not for each of them.
    if (!chunk.includes("\n")) continue;
    const frames = rest.split(/\r?\n\r?\n/);
    rest = frames.pop() ?? "";
    for (const frame of frames) yield parseFrame(frame);
  }
}

/** Takes all items until the stream ends. */
export async function collectAll<T>(items: AsyncIterable<T>): Promise<T[]> {
  const taken: T[] = [];
  for await (const item of items) taken.push(item);
  return taken;
}

/** Takes items up to and with the first that fits, then leaves the stream; fails if none comes. */
export async function collectUntil<T>(
  items: AsyncIterable<T>,
  predicate: (item: T) => boolean,
): Promise<T[]> {
  const taken: T[] = [];
  for await (const item of items) {
    taken.push(item);
    if (predicate(item)) return taken;
  }
  const last = JSON.stringify(taken.slice(-5));
  throw new Error(`The stream ended after ${taken.length} items without the one wanted: ${last}`);
}

function parseFrame(frame: string): SseFrame {
  const fields = new Map<string, string[]>();
  for (const line of frame.split(/\r?\n/)) {
    const [, name = "", value = ""] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
    const key = name === "" ? "comment" : name;
    fields.set(key, [...(fields.get(key) ?? []), value]);
  }
  const parsed: Record<string, string> = {};
  for (const name of ["id", "event", "data", "comment"]) {
    const lines = fields.get(name);
    if (lines) parsed[name] = lines.join("\n");
  }
  return parsed;
}
