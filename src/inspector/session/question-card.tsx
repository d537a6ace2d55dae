import { useState } from "preact/hooks";
import type { QuestionEventData, QuestionPart } from "../../schema/question.ts";
import { Shown } from "../visible.tsx";
import { EventsButton } from "./events-button.tsx";
import { Markdown } from "./markdown.tsx";
import type { QuestionRow, RowProps } from "./rows.ts";
import { type Chosen, useSession } from "./session-view.ts";

/** What the agent wants to know, and the answer. */
export function QuestionCard({ row: { data } }: RowProps<QuestionRow>) {
  const { question_id: id, status, metadata } = data;
  const parts = partsOf(data);
  const isOpen = status === "requested";
  return (
    <section
      class={`card ${isOpen ? "card-asks" : ""}`}
      aria-label="Question of the agent"
      data-request={id}
    >
      <p class="error-head">
        <strong>{title(data)}</strong>
        <span class="card-facts">
          {!isOpen && metadata?.reason !== undefined && <span class="soft">{metadata.reason}</span>}
          <EventsButton subject={id} />
        </span>
      </p>
      {metadata?.plan !== undefined && <Markdown text={metadata.plan} />}
      {isOpen ? (
        <QuestionForm id={id} parts={parts} />
      ) : (
        parts.map(({ question }, index) => (
          <p key={index}>
            <span class="soft">{question}</span> {data.answers?.[index]?.join(", ")}
          </p>
        ))
      )}
    </section>
  );
}

function title({ status, metadata }: QuestionEventData): string {
  if (status === "rejected") return "Not answered";
  if (metadata?.kind === "plan") return status === "requested" ? "Is this the plan?" : "The plan";
  return status === "requested" ? "The agent asks" : "Answered";
}

function partsOf({ questions, prompt, options }: QuestionEventData): readonly QuestionPart[] {
  const first = {
    question: prompt,
    multi_select: false,
    options: options.map((label) => ({ label })),
  };
  return questions && questions.length > 0 ? questions : [first];
}

const nothing: Chosen = { labels: [], other: "" };

function QuestionForm({ id, parts }: { id: string; parts: readonly QuestionPart[] }) {
  const view = useSession();
  const [isSent, setSent] = useState(false);
  const [chosen, setChosen] = useState<readonly Chosen[]>(
    () => view.drafts.get(id) ?? parts.map(() => nothing),
  );
  const change = (at: number, part: Chosen) => {
    const next = chosen.map((one, index) => (index === at ? part : one));
    view.drafts.set(id, next);
    setChosen(next);
  };
  const reply = async (answers: string[][] | null) => {
    setSent(true);
    await view.attempt(() => view.session.replyQuestion(id, answers));
    setSent(false);
  };
  const answers = chosen.map(answerOf);
  return (
    <form
      class="question"
      onSubmit={(event) => {
        event.preventDefault();
        void reply(answers);
      }}
    >
      {parts.map((part, index) => (
        <Part
          key={index}
          name={`${id} ${index}`}
          part={part}
          chosen={chosen[index] ?? nothing}
          onChange={(next) => change(index, next)}
        />
      ))}
      <p class="actions">
        <button
          type="submit"
          class="button button-primary"
          disabled={isSent || answers.some((answer) => answer.length === 0)}
        >
          Answer
        </button>
        <button type="button" class="button" disabled={isSent} onClick={() => void reply(null)}>
          Do not answer
        </button>
      </p>
    </form>
  );
}

function answerOf({ labels, other }: Chosen): string[] {
  return other.trim() === "" ? [...labels] : [...labels, other.trim()];
}

function Part({
  name,
  part: { question, header, multi_select, options },
  chosen,
  onChange,
}: {
  name: string;
  part: QuestionPart;
  chosen: Chosen;
  onChange: (chosen: Chosen) => void;
}) {
  const choose = (label: string, isOn: boolean) => {
    if (!multi_select) onChange({ labels: [label], other: "" });
    else {
      const others = chosen.labels.filter((one) => one !== label);
      onChange({ ...chosen, labels: isOn ? [...others, label] : others });
    }
  };
  return (
    <fieldset class="field">
      <legend>
        {header !== undefined && <span class="badge">{header}</span>} {question}
        {multi_select && <span class="soft"> Several may be chosen.</span>}
      </legend>
      <div class="choices">
        {options.map(({ label, description }) => (
          <label key={label} class="choice">
            <input
              type={multi_select ? "checkbox" : "radio"}
              name={name}
              checked={chosen.labels.includes(label)}
              onChange={({ currentTarget }) => choose(label, currentTarget.checked)}
            />
            <span class="choice-name">
              <Shown text={label} kind="name" />
            </span>
            {description !== undefined && <span class="hint">{description}</span>}
          </label>
        ))}
      </div>
      <input
        type="text"
        aria-label={`In other words: ${question}`}
        placeholder={options.length > 0 ? "Or in other words" : "Your answer"}
        value={chosen.other}
        onInput={({ currentTarget: { value } }) =>
          onChange({ labels: multi_select || value === "" ? chosen.labels : [], other: value })
        }
      />
    </fieldset>
  );
}
