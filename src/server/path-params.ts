import { z } from "zod";

/** The characters of a session id, in the syntax that JavaScript, Python, Go and Java share. */
// oxlint-disable-next-line no-control-regex
const ID_CHARACTERS = /^[^\x00-\x1f\x7f-\x9f/]+$/;
/** Its length in code points, as JSON Schema counts. */
const ID_LENGTH = /^.{1,256}$/su;

const SessionId = z
  .string()
  .refine(isSessionId, "must be 1 to 256 characters, without `/` and control characters")
  .meta({
    description: "Chosen by the client: 1 to 256 characters, no `/`, no control characters.",
    pattern: ID_CHARACTERS.source,
    minLength: 1,
    maxLength: 256,
  });

function isSessionId(text: string): boolean {
  return ID_CHARACTERS.test(text) && ID_LENGTH.test(text);
}

const RequestId = z.string().min(1).meta({ description: "As the `*.requested` event gives it." });

/** Path of an agent's routes; which agents there are is the catalog's to say. */
export const agentPath = z.object({ agent: z.string() });

/** Path of a session's routes. */
export const sessionPath = z.object({ session_id: SessionId });

/** Path of a permission's route. */
export const permissionPath = sessionPath.extend({ permission_id: RequestId });

/** Path of a question's routes. */
export const questionPath = sessionPath.extend({ question_id: RequestId });
