import { type ReadonlySignal, signal } from "@preact/signals";
import { curlLine } from "./curl.ts";

/** A request as it is shown. */
export interface LoggedRequest {
  id: number;
  method: string;
  /** With its query. */
  path: string;
  curl: string;
  /** Milliseconds since 1970, of the last time. */
  at: number;
  /** How often the same was asked. */
  times: number;
  /** Undefined: it has not been answered, or never was. */
  status?: number;
  durationMs?: number;
  /** Why there was no answer. */
  failure?: string;
}

const KEPT = 200;

/** The newest requests of the page. What is asked again and again, without a body, is one entry. */
export class RequestLog {
  readonly #entries = signal<readonly LoggedRequest[]>([]);
  #last = 0;

  /** The newest first. */
  get entries(): ReadonlySignal<readonly LoggedRequest[]> {
    return this.#entries;
  }

  clear(): void {
    this.#entries.value = [];
  }

  /** A `fetch` that writes down what it is asked. */
  recording(baseUrl: string): typeof fetch {
    return async (input, init) => {
      const request = new Request(input, init);
      const body = typeof init?.body === "string" ? init.body : undefined;
      const id = this.#note(request, body, baseUrl);
      const start = performance.now();
      const took = () => ({ durationMs: performance.now() - start });
      try {
        const response = await fetch(input, init);
        this.#amend(id, { status: response.status, ...took() });
        return response;
      } catch (error) {
        this.#amend(id, { failure: error instanceof Error ? error.message : "failed", ...took() });
        throw error;
      }
    };
  }

  #note({ method, url, headers }: Request, body: string | undefined, baseUrl: string): number {
    const curl = curlLine({ method, url, headers, ...(body !== undefined && { body }) });
    const isRepeated = method === "GET" && headers.get("accept") === "application/json";
    const same = isRepeated ? this.#entries.value.find((entry) => entry.curl === curl) : undefined;
    const id = same?.id ?? ++this.#last;
    const path = url.startsWith(baseUrl) ? url.slice(baseUrl.length) : url;
    const times = (same?.times ?? 0) + 1;
    const entry = { id, method, path, curl, at: Date.now(), times };
    const others = this.#entries.value.filter((other) => other !== same);
    this.#entries.value = [{ ...same, ...entry }, ...others].slice(0, KEPT);
    return id;
  }

  #amend(id: number, answer: Partial<LoggedRequest>): void {
    this.#entries.value = this.#entries.value.map((entry) => {
      if (entry.id !== id) return entry;
      const { failure: _failure, status: _status, ...asked } = entry;
      return { ...asked, ...answer };
    });
  }
}
