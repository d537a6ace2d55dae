import { useRef, useState } from "preact/hooks";
import { useSignal } from "@preact/signals";
import type { MessageAttachment } from "../../schema/message.ts";
import { counted } from "../format.ts";
import { Shown } from "../visible.tsx";
import { readAttachment } from "./read-attachment.ts";
import { useSession } from "./session-view.ts";

/** Where a message is written: Enter sends it, Shift+Enter begins a line, the arrows bring older ones. */
export function Composer({ isEnded }: { isEnded: boolean }) {
  const view = useSession();
  const { feed, session } = view;
  const draftKey = `draft ${session.id}`;
  const text = useSignal(sessionStorage.getItem(draftKey) ?? "");
  const files = useSignal<readonly MessageAttachment[]>([]);
  const [back, setBack] = useState(0);
  const area = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const write = (value: string) => {
    text.value = value;
    sessionStorage.setItem(draftKey, value);
  };
  const send = async () => {
    const message = text.value;
    const attachments = [...files.value];
    if (message.trim() === "" && attachments.length === 0) return;
    write("");
    files.value = [];
    setBack(0);
    const isSent = await view.attempt(async () => {
      const turnId = await session.send({
        message,
        ...(attachments.length > 0 && { attachments }),
      });
      if (!feed.conversation.begun.has(turnId)) {
        view.waiting.value = [...view.waiting.value, { turnId, text: message }];
      }
    });
    if (isSent || text.value !== "") return;
    write(message);
    files.value = attachments;
  };
  const recall = (step: 1 | -1) => {
    const { said } = feed.conversation;
    const next = Math.min(said.length, Math.max(0, back + step));
    setBack(next);
    write(next === 0 ? "" : (said[said.length - next] ?? ""));
  };
  const attach = async (list: Iterable<File>) => {
    const read = await Promise.all(Array.from(list, readAttachment));
    files.value = [...files.value, ...read];
  };
  if (isEnded)
    return (
      <div class="composer soft">
        <p>It takes no more messages.</p>
      </div>
    );
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      {files.value.length > 0 && (
        <ul class="attached" aria-label="Attached files">
          {files.value.map((file, index) => (
            <li key={index}>
              {file.filename}{" "}
              <button
                type="button"
                class="button button-small"
                aria-label={`Leave out ${file.filename}`}
                onClick={() => (files.value = files.value.filter((one) => one !== file))}
              >
                ×
              </button>
            </li>
          ))}
        </ul>
      )}
      <div class="composer-row">
        <textarea
          ref={area}
          rows={Math.min(10, Math.max(2, text.value.split("\n").length))}
          aria-label="Message"
          placeholder="Message (Enter sends, Shift+Enter begins a new line)"
          value={text.value}
          onInput={({ currentTarget }) => {
            setBack(0);
            write(currentTarget.value);
          }}
          onPaste={({ clipboardData }) => {
            if (clipboardData?.files.length) void attach(clipboardData.files);
          }}
          onDragOver={(event) => event.preventDefault()}
          onDrop={(event) => {
            if (!event.dataTransfer?.files.length) return;
            event.preventDefault();
            void attach(event.dataTransfer.files);
          }}
          onKeyDown={(event) => {
            if (event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
            const isRecalling = text.value === "" || back > 0;
            if (event.key === "Enter" && !event.shiftKey) void send();
            else if (event.key === "ArrowUp" && isRecalling) recall(1);
            else if (event.key === "ArrowDown" && back > 0) recall(-1);
            else return;
            event.preventDefault();
          }}
        />
        <input
          ref={picker}
          type="file"
          multiple
          hidden
          aria-label="Files to attach"
          onChange={({ currentTarget }) => {
            void attach(currentTarget.files ?? []);
            currentTarget.value = "";
          }}
        />
        <div class="composer-buttons">
          <button type="button" class="button" onClick={() => picker.current?.click()}>
            Attach
          </button>
          <button type="submit" class="button button-primary">
            Send
          </button>
        </div>
      </div>
    </form>
  );
}

/** The messages that wait for the turns before them. */
export function Queue({ count }: { count: number }) {
  const { waiting } = useSession();
  const known = waiting.value;
  if (count === 0 && known.length === 0) return null;
  return (
    <div class="queue" role="status">
      <strong>{counted(Math.max(count, known.length), "message")} waiting</strong>
      <ol>
        {known.map(({ turnId, text }) => (
          <li key={turnId}>
            <Shown text={text} kind="prose" />
          </li>
        ))}
      </ol>
    </div>
  );
}
