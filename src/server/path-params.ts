import { z } from "zod";

/** The characters of a session id, in the syntax that JavaScript, Python, Go and Java share. */
const ID_CHARACTERS = String.raw`^[^\x00-\x1f\x7f-\x9f/]+$`;
const idCharacters = new RegExp(ID_CHARACTERS);
const MAX_ID_LENGTH = 256;
const isShortEnough = new RegExp(`^.{1,${MAX_ID_LENGTH}}$`, "su");

const SessionId = z
  .string()
  .refine(isSessionId, "must be 1 to 256 characters, without `/` and control characters")
  .meta({
    description: "Chosen by the client: 1 to 256 characters, no `/`, no control characters.",
    pattern: ID_CHARACTERS,
    minLength: 1,
    maxLength: MAX_ID_LENGTH,
  });

/** Characters are code points, as in JSON Schema. */
function isSessionId(text: string): boolean {
  return idCharacters.test(text) && isShortEnough.test(text);
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
