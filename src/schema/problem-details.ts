import { z } from "zod";

/** The body of every error answer (RFC 9457, `application/problem+json`). */
export const ProblemDetails = z
  .object({
    type: z.string().meta({ description: "A URN that names the kind of problem." }),
    title: z.string(),
    status: z.int(),
    detail: z.string().meta({ description: "What is wrong in this case, and the cure." }),
    agent: z.string().optional(),
    details: z.record(z.string(), z.unknown()).optional(),
    firstSequence: z.int().optional(),
    instance: z.string().optional(),
    requestId: z
      .string()
      .optional()
      .meta({ description: "As in the `x-request-id` header and in the log of the daemon." }),
    sessionId: z.string().optional(),
  })
  .meta({ id: "ProblemDetails", description: "RFC 9457 problem object." });
export type ProblemDetails = z.infer<typeof ProblemDetails>;
