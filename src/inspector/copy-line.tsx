import { useEffect, useState } from "preact/hooks";
import { sleep } from "../sdk/timers.ts";

const SHOWN_MS = 2_000;

/** A line for a shell, and a button that copies it. */
export function CopyLine({ text, name = "command" }: { text: string; name?: string }) {
  return (
    <div class="copy-line">
      <code>{text}</code>
      <CopyButton text={text} name={name} />
    </div>
  );
}

/** Copies a text, and says so for a moment. */
export function CopyButton({ text, name }: { text: string; name: string }) {
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return undefined;
    const gone = new AbortController();
    sleep(SHOWN_MS, gone.signal).then(
      () => setCopied(false),
      () => undefined,
    );
    return () => gone.abort();
  }, [isCopied]);
  return (
    <button
      type="button"
      class="button button-small"
      aria-label={isCopied ? "Copied" : `Copy ${name}`}
      onClick={() => void copy(text).then(setCopied)}
    >
      {isCopied ? "Copied" : "Copy"}
    </button>
  );
}

/** Browsers have a clipboard for pages that come securely; from others a selection can be copied. */
async function copy(text: string): Promise<boolean> {
  if (isSecureContext) {
    return navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    );
  }
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "out-of-sight";
  document.body.append(area);
  area.select();
  const isDone = document.execCommand("copy");
  area.remove();
  return isDone;
}
