/** Takes the place of data within itself. */
const CIRCULAR = "[circular]";

/** Applies a function to each text in data: returns the data itself where no text changes, else a copy. */
export function redactTexts<T>(data: T, redact: (text: string) => string): T;
export function redactTexts(data: unknown, redact: (text: string) => string): unknown {
  return new TextRedaction(redact).apply(data);
}

/** One pass over data. */
class TextRedaction {
  readonly #redact: (text: string) => string;
  /** The objects around the present one. */
  readonly #open = new Set<object>();

  constructor(redact: (text: string) => string) {
    this.#redact = redact;
  }

  apply(data: unknown): unknown {
    if (typeof data === "string") return this.#redact(data);
    if (typeof data !== "object" || data === null || ArrayBuffer.isView(data)) return data;
    if (this.#open.has(data)) return CIRCULAR;
    this.#open.add(data);
    try {
      return this.#applyTo(data);
    } finally {
      this.#open.delete(data);
    }
  }

  #applyTo(data: object): unknown {
    if (data instanceof Error) return this.#applyToError(data);
    if (Array.isArray(data)) {
      const copy = data.map((value: unknown) => this.apply(value));
      return copy.some((value, index) => value !== data[index]) ? copy : data;
    }
    if ("toJSON" in data && typeof data.toJSON === "function") {
      const plain: unknown = data.toJSON();
      const redacted = this.apply(plain);
      return redacted === plain ? data : redacted;
    }
    const entries = Object.entries(data);
    const values = entries.map(([, value]: [string, unknown]) => this.apply(value));
    if (values.every((value, index) => value === entries[index]?.[1])) return data;
    return Object.fromEntries(entries.map(([name], index) => [name, values[index]]));
  }

  /** Returns an error of the same kind, so that a logger writes it as one. */
  #applyToError(error: Error): unknown {
    const names = Object.getOwnPropertyNames(error);
    let found = false;
    const own = names.map((name): [string, PropertyDescriptor] => {
      const value: unknown = Reflect.get(error, name);
      const redacted = this.apply(value);
      found ||= redacted !== value;
      return [name, { ...describe(error, name), value: redacted }];
    });
    return found ? Object.create(error, Object.fromEntries(own)) : error;
  }
}

function describe(error: Error, name: string): PropertyDescriptor {
  const enumerable = Object.getOwnPropertyDescriptor(error, name)?.enumerable ?? false;
  return { enumerable, configurable: true, writable: true };
}
