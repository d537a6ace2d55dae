import { z } from "zod";

/** What is asked of an examination. */
export const DoctorQuery = z.object({
  checkKey: z
    .enum(["true", "false"])
    .optional()
    .meta({ description: "Also ask the model's server whether it takes the key." }),
});

/** How one thing is that an agent needs. */
export const DoctorCheck = z
  .object({
    id: z
      .string()
      .meta({ description: "`installed`, `platform`, `runs`, `version`, `helpers`, and so on." }),
    title: z.string(),
    status: z.enum(["ok", "warning", "failed", "skipped"]),
    detail: z.string().meta({ description: "What was found. Never holds a key." }),
    cure: z.string().optional().meta({ description: "What to do about it, in one line." }),
  })
  .meta({ id: "DoctorCheck" });
export type DoctorCheck = z.infer<typeof DoctorCheck>;

/** Whether an agent can work here. */
export const DoctorReport = z
  .object({
    agent: z.string(),
    status: z
      .enum(["ok", "warning", "failed"])
      .meta({ description: "The worst of the checks; a skipped one does not count." }),
    version: z.string().optional(),
    checks: z.array(DoctorCheck),
  })
  .meta({ id: "DoctorReport" });
export type DoctorReport = z.infer<typeof DoctorReport>;
