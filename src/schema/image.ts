import { z } from "zod";

/** Which image of a session is asked for. */
export const ImageQuery = z
  .object({
    path: z
      .string()
      .min(1)
      .meta({ description: "As a content part of type `image` of one of its events has it." }),
  })
  .meta({ id: "ImageQuery" });
