import { AgentCapabilities } from "../../src/schema/agent.ts";
import { contract } from "./contract/all.ts";
import type { Scenario, Subject } from "./contract/scenario.ts";

type Capability = keyof AgentCapabilities;

const capabilities = Object.keys(AgentCapabilities.shape) as Capability[];

/** The scenarios that are there for an agent. */
export function scenariosOf({ own = [] }: Subject): readonly Scenario[] {
  return [...contract, ...own];
}

/** The capabilities that an agent may claim: some scenario that it passes proves each, or a reason is given. */
export function provenCapabilities(subject: Subject): AgentCapabilities {
  const passed = scenariosOf(subject).filter(({ id }) => !Object.hasOwn(subject.cannot, id));
  const proven = new Set(passed.flatMap(({ proves = [] }) => proves));
  const has = (one: Capability) => proven.has(one) || subject.claims?.[one] !== undefined;
  return AgentCapabilities.parse(Object.fromEntries(capabilities.map((one) => [one, has(one)])));
}

/** How the scenarios went that were really played: by agent, then by id; undefined where none were. */
export type Outcomes = ReadonlyMap<string, ReadonlyMap<string, boolean>>;

/** The document that tells what is proven of which agent. */
export function renderCoverage(
  subjects: readonly Subject[],
  versions: Readonly<Record<string, string>>,
  outcomes?: Outcomes,
): string {
  const names = subjects.map(({ id }) => id);
  const notes = new Notes();
  const cell = (subject: Subject, id: string) => {
    const reason = subject.cannot[id];
    if (reason !== undefined) return `no ${notes.mark(`${subject.id}: ${reason}`)}`;
    return outcomes && outcomes.get(subject.id)?.get(id) !== true ? "FAILS" : "yes";
  };
  const scenarios = contract.map(({ id, title }) => [
    `\`${id}\``,
    title,
    ...subjects.map((subject) => cell(subject, id)),
  ]);
  const own = subjects.flatMap((subject) =>
    (subject.own ?? []).map(({ id, title }) => [`\`${id}\``, title, cell(subject, id)]),
  );
  const proven = capabilities.map((one) => [
    `\`${one}\``,
    ...subjects.map((subject) => {
      if (!provenCapabilities(subject)[one]) return "no";
      const claim = subject.claims?.[one];
      return claim === undefined ? "yes" : `yes ${notes.mark(`${subject.id}: ${claim}`)}`;
    }),
  ]);
  return (
    [
      "# Coverage",
      "What every agent is held to, and which agents do it. Each `yes` is a test in `test/conformance` that plays the scenario over the HTTP API with the real agent (and a scripted model in the place of the real one), and checks after it that every event of the session is well formed, that polling and replaying give the events that were seen live, and that no process is left. Each `no` has a reason below. `npm run coverage` plays all of it and writes this page.",
      `Agents: ${names.map((id) => `${id}${versions[id] === undefined ? "" : ` ${versions[id]}`}`).join(", ")}.`,
      "## Scenarios",
      table(["scenario", "what must hold", ...names], scenarios),
      "## Scenarios of one agent",
      table(["scenario", "what must hold", "passes"], own),
      "## Capabilities",
      "What `GET /v1/agents` says of each agent. A capability is claimed where a scenario that it passes proves it.",
      table(["capability", ...names], proven),
      "## Why not",
      notes.list(),
      "",
    ]
      .join("\n\n")
      .trimEnd() + "\n"
  );
}

/** Reasons, each told once and referred to by number. */
class Notes {
  readonly #texts: string[] = [];

  mark(text: string): string {
    if (!this.#texts.includes(text)) this.#texts.push(text);
    return `[${this.#texts.indexOf(text) + 1}]`;
  }

  list(): string {
    return this.#texts.map((text, index) => `${index + 1}. ${text}`).join("\n");
  }
}

function table(head: string[], rows: string[][]): string {
  const widths = head.map((title, column) =>
    Math.max(3, title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}
