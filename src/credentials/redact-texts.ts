/** Applies a function to each text in data: returns the data itself where no text changes, else a copy. */
export function redactTexts<T>(data: T, redact: (text: string) => string): T;
export function redactTexts(data: unknown, redact: (text: string) => string): unknown {
  if (typeof data === "string") return redact(data);
  if (typeof data !== "object" || data === null || ArrayBuffer.isView(data)) return data;
  if (data instanceof Error) return redactError(data, redact);
  if (Array.isArray(data)) {
    const copy = data.map((value: unknown) => redactTexts(value, redact));
    return copy.some((value, index) => value !== data[index]) ? copy : data;
  }
  if ("toJSON" in data && typeof data.toJSON === "function") {
    const plain: unknown = data.toJSON();
    const redacted = redactTexts(plain, redact);
    return redacted === plain ? data : redacted;
  }
  let found = false;
  const entries = Object.entries(data).map(([name, value]: [string, unknown]) => {
    const redacted = redactTexts(value, redact);
    found ||= redacted !== value;
    return [name, redacted] as const;
  });
  return found ? Object.fromEntries(entries) : data;
}

/** Returns an error of the same kind, so that a logger writes it as one. */
function redactError(error: Error, redact: (text: string) => string): unknown {
  const names = Object.getOwnPropertyNames(error);
  let found = false;
  const own = names.map((name): [string, PropertyDescriptor] => {
    const value: unknown = Reflect.get(error, name);
    const redacted = redactTexts(value, redact);
    found ||= redacted !== value;
    return [name, { ...describe(error, name), value: redacted }];
  });
  return found ? Object.create(error, Object.fromEntries(own)) : error;
}

function describe(error: Error, name: string): PropertyDescriptor {
  const enumerable = Object.getOwnPropertyDescriptor(error, name)?.enumerable ?? false;
  return { enumerable, configurable: true, writable: true };
}
