import { useId } from "preact/hooks";
import type { Draft } from "./draft.ts";
import { Note } from "./fields.tsx";
import type { Offers } from "./offers.ts";
import { variantsOf } from "./options.ts";

/** The model, and how hard it thinks where it leaves a choice. */
export function ModelFields({
  offers,
  draft,
  set,
}: {
  offers: Offers;
  draft: Draft;
  set: (changes: Partial<Draft>) => void;
}) {
  const id = useId();
  const { models, withoutModels } = offers;
  const { variants, defaultVariant, unavailable } = variantsOf(models, draft.model);
  const known = models?.models ?? [];
  const hint = withoutModels ?? (models ? undefined : "Asking the agent for its models …");
  const chosenName = known.find((model) => model.id === models?.defaultModel)?.name;
  const named = chosenName ?? models?.defaultModel;
  return (
    <div class="pair">
      <div class="field">
        <label htmlFor={`${id}-model`}>Model</label>
        <input
          id={`${id}-model`}
          list={`${id}-models`}
          value={draft.model}
          placeholder={named === undefined ? "the agent's default" : `default: ${named}`}
          spellcheck={false}
          aria-describedby={`${id}-model-note`}
          onInput={(event) => set({ model: event.currentTarget.value.trim(), variant: "" })}
        />
        <datalist id={`${id}-models`}>
          {known.map((model) => (
            <option key={model.id} value={model.id}>
              {model.name}
            </option>
          ))}
        </datalist>
        <Note
          id={`${id}-model-note`}
          hint={hint ?? (known.length > 1 ? `${known.length} to choose from.` : undefined)}
        />
      </div>
      <div class="field">
        <label htmlFor={`${id}-variant`}>Variant</label>
        <select
          id={`${id}-variant`}
          value={draft.variant}
          disabled={variants.length === 0}
          aria-describedby={`${id}-variant-note`}
          onChange={(event) => set({ variant: event.currentTarget.value })}
        >
          <option value="">
            {defaultVariant === undefined ? "default" : `default: ${defaultVariant}`}
          </option>
          {variants.map((variant) => (
            <option key={variant} value={variant}>
              {variant}
            </option>
          ))}
        </select>
        <Note id={`${id}-variant-note`} hint={unavailable} />
      </div>
    </div>
  );
}
