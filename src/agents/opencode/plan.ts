import { resolve } from "node:path";
import { readBounded } from "../../io/read-bounded.ts";
import type { QuestionRequest } from "../agent.ts";
import { isRecord } from "../json-line.ts";
import type { OpencodeHttp } from "./http.ts";
import type { Rule } from "./rules.ts";

const MAX_PLAN_BYTES = 1024 * 1024;

/** What the way out of the plan agent asks: the file is named from the root of the work tree (1.18.33). */
const PROPOSAL = /^Plan at (.+\.md) is complete\. Would you like to switch/;
/**
 * What OpenCode is told when its plan is approved. Its own "Yes" would go on at once, under the rules of
 * the plan (1.18.33): it is told "No", given other rules and then this.
 */
export const GO = "The plan is approved, you can now edit files. Execute the plan.";

/** The answer that leaves OpenCode at rest in its plan agent. */
export const STAY = [["No"]];

/** What a plan agent may do besides: write the one file that its plan goes into. */
export function planFileRules(slug: string, created: number): Rule[] {
  const file = `${created}-${slug}.md`;
  return [
    { permission: "edit", pattern: `*opencode/plans/${file}`, action: "allow" },
    { permission: "external_directory", pattern: "*/opencode/plans/*", action: "allow" },
  ];
}

/** The file of the plan that this question proposes; undefined for any other question. */
export function proposedPlan({ questions }: QuestionRequest): string | undefined {
  return PROPOSAL.exec(questions[0]?.question ?? "")?.[1];
}

/** What stands in a file of a plan; undefined where it cannot be read. */
export async function readPlan(
  http: OpencodeHttp,
  directory: string,
  file: string,
): Promise<string | undefined> {
  try {
    const path = await http.request("GET", "/path", { directory });
    const root = isRecord(path) ? path["worktree"] : undefined;
    const from = resolve(typeof root === "string" ? root : "/", file);
    return (await readBounded(from, MAX_PLAN_BYTES)).toString();
  } catch {
    return undefined;
  }
}
