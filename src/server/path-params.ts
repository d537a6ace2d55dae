import { z } from "zod";

const SessionId = z
  .string()
  .regex(/^[^\p{Cc}/]{1,256}$/u, "must be 1 to 256 characters, without `/` and control characters")
  .meta({
    description: "Chosen by the client: 1 to 256 characters, no `/`, no control characters.",
  });

const RequestId = z.string().min(1).meta({ description: "As the `*.requested` event gives it." });

/** Path of an agent's routes; which agents there are is the catalog's to say. */
export const agentPath = z.object({ agent: z.string() });

/** Path of a session's routes. */
export const sessionPath = z.object({ session_id: SessionId });

/** Path of a permission's route. */
export const permissionPath = sessionPath.extend({ permission_id: RequestId });

/** Path of a question's routes. */
export const questionPath = sessionPath.extend({ question_id: RequestId });
