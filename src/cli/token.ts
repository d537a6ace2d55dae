/** The token to serve with, undefined where there shall be none; throws where nobody has said. */
export function requireToken(token: string | false | undefined): string | undefined {
  if (token === false) return undefined;
  if (token !== undefined && token !== "") return token;
  throw new Error(
    "a token is needed: give --token <token> or set SANDBOX_AGENT_TOKEN, or give --no-token to serve without one",
  );
}
