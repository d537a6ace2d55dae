import { useEffect, useRef } from "preact/hooks";

/** Asks before something that cannot be taken back. */
export function Confirm({
  question,
  detail,
  action,
  onDo,
  onClose,
}: {
  question: string;
  detail: string;
  action: string;
  onDo: () => void;
  onClose: () => void;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="confirm" aria-labelledby="confirm-title" onClose={onClose}>
      <h2 id="confirm-title">{question}</h2>
      <p>{detail}</p>
      <p class="actions">
        <button
          type="button"
          class="button button-bad"
          onClick={() => {
            onDo();
            dialog.current?.close();
          }}
        >
          {action}
        </button>
        <button type="button" class="button" onClick={() => dialog.current?.close()}>
          Keep it
        </button>
      </p>
    </dialog>
  );
}
