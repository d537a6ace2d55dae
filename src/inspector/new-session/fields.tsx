import { useId } from "preact/hooks";
import type { Option } from "./options.ts";

/** One line of text. */
export function TextField({
  label,
  hint,
  value,
  issue,
  placeholder,
  onInput,
}: {
  label: string;
  hint?: string;
  value: string;
  issue?: string | undefined;
  placeholder?: string;
  onInput: (value: string) => void;
}) {
  const id = useId();
  const note = issue ?? hint;
  return (
    <div class="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        value={value}
        placeholder={placeholder}
        spellcheck={false}
        aria-invalid={issue !== undefined}
        aria-describedby={note === undefined ? undefined : `${id}-note`}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
      <Note id={`${id}-note`} hint={hint} issue={issue} />
    </div>
  );
}

/** What helps with a field, or what is wrong with it. */
export function Note({
  id,
  hint,
  issue,
}: {
  id: string;
  hint?: string | undefined;
  issue?: string | undefined;
}) {
  if (issue !== undefined) {
    return (
      <p id={id} class="field-issue">
        {issue}
      </p>
    );
  }
  if (hint === undefined) return null;
  return (
    <p id={id} class="hint">
      {hint}
    </p>
  );
}

/** One of several, each with what it means or why it cannot be chosen. */
export function RadioField({
  name,
  label,
  chosen,
  options,
  onChoose,
}: {
  name: string;
  label: string;
  chosen: string;
  options: readonly Option[];
  onChoose: (id: string) => void;
}) {
  const prefix = useId();
  return (
    <fieldset class="field">
      <legend>{label}</legend>
      <div class="choices">
        {options.map(({ id, name: shown, description, unavailable }) => (
          <label key={id} class={`choice ${unavailable === undefined ? "" : "choice-off"}`}>
            <input
              type="radio"
              name={`${prefix}-${name}`}
              value={id}
              checked={id === chosen}
              disabled={unavailable !== undefined}
              onChange={() => onChoose(id)}
            />
            <span class="choice-name">{shown}</span>
            <span class="hint">{unavailable ?? description}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
