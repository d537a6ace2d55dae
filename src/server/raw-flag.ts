import { validationProblem } from "./validation.ts";

/** Both spellings of the query parameter that asks for the agent's own messages. */
interface RawFlag {
  include_raw?: "true" | "false" | undefined;
  includeRaw?: "true" | "false" | undefined;
}

/** Whether events are to carry `raw`; giving both spellings is giving the parameter twice. */
export function includesRaw({ include_raw, includeRaw }: RawFlag): boolean {
  if (include_raw !== undefined && includeRaw !== undefined) {
    const message = "is given more than once: include_raw is the same";
    throw validationProblem([{ path: "includeRaw", message }]);
  }
  return (include_raw ?? includeRaw) === "true";
}
