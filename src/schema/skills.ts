import { z } from "zod";

/** Where skills come from: folders with a `SKILL.md`. */
export const SkillSource = z
  .object({
    type: z.string().meta({ description: "`github`, `git` or `local`." }),
    source: z.string().meta({ description: "`owner/repository`, a URL, or a folder." }),
    skills: z.array(z.string()).nullish().meta({ description: "Only those with these names." }),
    ref: z.string().nullish().meta({ description: "A branch, tag or commit." }),
    subpath: z.string().nullish().meta({ description: "A folder within the source." }),
  })
  .meta({ id: "SkillSource", description: "Where skills come from." });
export type SkillSource = z.infer<typeof SkillSource>;

export const SkillsConfig = z
  .object({ sources: z.array(SkillSource) })
  .meta({ id: "SkillsConfig" });
export type SkillsConfig = z.infer<typeof SkillsConfig>;
