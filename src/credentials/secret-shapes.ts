/** Stands in the place of a secret. */
export const REDACTED = "[redacted]";

/** Keys that are known by how they begin, and tokens in three parts. */
const KEY = new RegExp(
  `\\b(?:${[
    "sk-(?:ant|proj|or|svcacct|admin)-[\\w-]{8,}",
    "sk-[A-Za-z0-9]{20,}",
    "gh[pousr]_\\w{20,}",
    "github_pat_\\w{20,}",
    "glpat-[\\w-]{16,}",
    "xox[abeoprs]-[\\w-]{10,}",
    "sgamp_\\w{8,}",
    "npm_[A-Za-z0-9]{30,}",
    "hf_[A-Za-z0-9]{20,}",
    "AIza[\\w-]{30,}",
    "AKIA[A-Z0-9]{16}",
    "eyJ[\\w-]{10,}\\.[\\w-]{10,}(?:\\.[\\w-]*)?",
  ].join("|")})`,
  "g",
);
/** What has a digit in it, so that no sentence about bearers is spoilt. */
const AUTHORIZATION = /\b((?:bearer|basic)\s+)(?=[^\s"'\\]*[\d=])[\w.~+/=-]{8,}/gi;
const ASSIGNMENT =
  /((?:api[-_]?key|secret|password|[-_]token)["'\\]{0,2}\s?[:=]\s?["'\\]{0,2})(?=[^\s"'\\]*\d)[^\s"'\\,;&}]{8,}/gi;
const PARAMETER = /([?&][\w-]{0,32}(?:token|key|secret|password|signature)=)[^&#\s"'\\]+/gi;
const USER_INFO = /:\/\/([^\s/?#@"'\\]{1,512})@/g;
/** A name without a password this long is a token. */
const TOKEN_LENGTH = 16;

/** A text without what looks like a secret. No quotation mark and no backslash is taken away. */
export function redactShapes(text: string): string {
  return text
    .replace(KEY, REDACTED)
    .replace(AUTHORIZATION, `$1${REDACTED}`)
    .replace(ASSIGNMENT, `$1${REDACTED}`)
    .replace(PARAMETER, `$1${REDACTED}`)
    .replace(USER_INFO, (whole, info: string) =>
      info.includes(":") || info.length >= TOKEN_LENGTH ? `://${REDACTED}@` : whole,
    );
}
