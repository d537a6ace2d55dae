/** Stands in the place of a secret. */
export const REDACTED = "[redacted]";

/** Keys that are known by how they begin. */
const KEYS = [
  /\bsk-(?:ant|proj|or|svcacct|admin)-[\w-]{8,}/g,
  /\bsk-[A-Za-z0-9]{20,}/g,
  /\bgh[pousr]_\w{20,}/g,
  /\bgithub_pat_\w{20,}/g,
  /\bglpat-[\w-]{16,}/g,
  /\bxox[abeoprs]-[\w-]{10,}/g,
  /\bsgamp_\w{8,}/g,
  /\bnpm_[A-Za-z0-9]{30,}/g,
  /\bhf_[A-Za-z0-9]{20,}/g,
  /\bAIza[\w-]{30,}/g,
  /\bAKIA[A-Z0-9]{16}/g,
];
/**
 * Tokens in three parts. The first part is looked for once in each run of its characters, and the
 * look-ahead is not entered again: a run without a dot would otherwise be read from each of its dashes.
 */
const WEB_TOKEN = /(?<![\w-])(?=([\w-]*?)\beyJ[\w-]{10})\1eyJ[\w-]{10,}\.[\w-]{10,}(?:\.[\w-]*)?/g;
/** A digit is required, so that no sentence about bearers is changed. */
const AUTHORIZATION = /\b((?:bearer|basic)\s+)(?=[^\s"'\\]*[\d=])[\w.~+/=-]{8,}/gi;
/** The digit is among the first characters: to look further would read a long word from each name in it. */
const ASSIGNMENT =
  /((?:api[-_]?key|secret|password|[-_]token)["'\\]{0,2}\s?[:=]\s?["'\\]{0,2})(?=[^\s"'\\\d]{0,64}\d)[^\s"'\\,;&}]{8,}/gi;
const PARAMETER = /([?&][\w-]{0,32}(?:token|key|secret|password|signature)=)[^&#\s"'\\]+/gi;
const USER_INFO = /:\/\/([^\s/?#@"'\\]{1,512})@/g;
/** Every shape above has one of these. A single search for them is much cheaper than all replacements. */
const HINT =
  /sk-|gh[pousr]_|github_pat_|glpat-|xox[abeoprs]-|sgamp_|npm_|hf_|AIza|AKIA|eyJ|bearer|basic|[:=]/i;
/** A name without a password this long is a token. */
const TOKEN_LENGTH = 16;

/** A text without what looks like a secret. No quotation mark and no backslash is taken away. */
export function redactShapes(text: string): string {
  if (!HINT.test(text)) return text;
  return KEYS.reduce((rest, key) => rest.replace(key, REDACTED), text)
    .replace(WEB_TOKEN, `$1${REDACTED}`)
    .replace(AUTHORIZATION, `$1${REDACTED}`)
    .replace(ASSIGNMENT, `$1${REDACTED}`)
    .replace(PARAMETER, `$1${REDACTED}`)
    .replace(USER_INFO, (whole, info: string) =>
      info.includes(":") || info.length >= TOKEN_LENGTH ? `://${REDACTED}@` : whole,
    );
}
