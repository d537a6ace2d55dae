import { z } from "zod";
import type { InstallOptions } from "./install-options.ts";

/** `InstallOptions` as they come from the command line. */
export const InstallSchema = z.object({
  installDir: z.string().optional(),
  offline: z.union([z.boolean(), z.string()]).optional(),
}) satisfies z.ZodType<InstallOptions>;
