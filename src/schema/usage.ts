import { z } from "zod";

/** Tokens and cost of a turn, or of all turns of a session. */
export const Usage = z
  .object({
    input_tokens: z.int(),
    output_tokens: z.int(),
    cached_input_tokens: z.int().optional(),
    reasoning_tokens: z.int().optional(),
    total_tokens: z.int(),
    cost_usd: z.number().optional().meta({ description: "US dollars, as the agent reckons them." }),
    context_window: z.int().optional(),
  })
  .meta({ id: "Usage", description: "Tokens and cost of a turn, or of all turns of a session." });
export type Usage = z.infer<typeof Usage>;
