import { z } from "zod";

export const QuestionReplyRequest = z
  .object({
    answers: z.array(z.array(z.string()).max(100)).max(100).meta({
      description: "One entry per question, each the labels chosen.",
    }),
  })
  .meta({ id: "QuestionReplyRequest" });
export type QuestionReplyRequest = z.infer<typeof QuestionReplyRequest>;

export const QuestionStatus = z
  .enum(["requested", "answered", "rejected"])
  .meta({ id: "QuestionStatus" });
export type QuestionStatus = z.infer<typeof QuestionStatus>;

/** One part of a question request. */
export const QuestionPart = z
  .object({
    question: z.string(),
    header: z.string().optional(),
    multi_select: z.boolean(),
    options: z.array(z.object({ label: z.string(), description: z.string().optional() })),
  })
  .meta({ id: "QuestionPart", description: "One part of a question request." });
export type QuestionPart = z.infer<typeof QuestionPart>;

export const QuestionEventData = z
  .object({
    question_id: z.string(),
    prompt: z.string().meta({ description: "The first part's question." }),
    options: z.array(z.string()).meta({ description: "The first part's labels." }),
    response: z.string().nullable().meta({ description: "The first label of the first answer." }),
    status: QuestionStatus,
    questions: z.array(QuestionPart).optional(),
    answers: z.array(z.array(z.string())).nullable().optional(),
    metadata: z
      .object({
        kind: z.literal("plan").optional(),
        plan: z.string().optional(),
        reason: z.string().optional(),
        background: z.literal(true).optional(),
      })
      .catchall(z.unknown())
      .optional(),
  })
  .meta({ id: "QuestionEventData" });
export type QuestionEventData = z.infer<typeof QuestionEventData>;
