import type { Usage } from "../../schema/usage.ts";

/** What all turns have used together. */
export interface TotalUsage {
  input: number;
  output: number;
  cached: number;
  /** US dollars; undefined where no turn has told. */
  cost: number | undefined;
  /** What the last turn that told took of its model's context: a share from 0 to 1. */
  context: number | undefined;
}

export const noUsage: TotalUsage = {
  input: 0,
  output: 0,
  cached: 0,
  cost: undefined,
  context: undefined,
};

/** The sum with one more turn. */
export function addUsage(total: TotalUsage, usage: Usage | undefined): TotalUsage {
  if (!usage) return total;
  const { input_tokens, output_tokens, cached_input_tokens = 0, cost_usd, context_window } = usage;
  return {
    input: total.input + input_tokens,
    output: total.output + output_tokens,
    cached: total.cached + cached_input_tokens,
    cost: cost_usd === undefined ? total.cost : (total.cost ?? 0) + cost_usd,
    context: context_window ? Math.min(1, input_tokens / context_window) : total.context,
  };
}
