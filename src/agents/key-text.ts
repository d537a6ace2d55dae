import { z } from "zod";

/** A text that can be a key: not empty, and fit for a variable. */
export const KeyText = z
  .string()
  .refine((text) => text.trim() !== "" && !text.includes("\0"), "is no key");

/** A member that may be anything else too: then it is as good as not there. */
export function lenient<T extends z.ZodType>(schema: T) {
  return schema.optional().catch(undefined);
}
