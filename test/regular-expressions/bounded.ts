/**
 * Expressions that the test does not measure by themselves, by file and source, each with the reason:
 * their text is always short, or `functions.ts` measures the function that uses them. Every other
 * expression of the sources must take linear time.
 */
export const bounded: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "src/sdk/spawn.ts": {
    "/\\bhttp:\\/\\/\\S+(?=\\s)/": "reads the last 4,096 characters of the daemon's own stdout",
  },
  "src/io/visible-text.ts": {
    'new RegExp(`[${OUTPUT}]{1,${LONGEST_RUN}}`, "gu")':
      "made at run time; measured as visibleText",
    'new RegExp([runs, "<(?=U\\\\+)", marks, ...others].join("|"), "gu")':
      "made at run time; measured as visibleText",
  },
  "src/server/entrance.ts": {
    'new RegExp(`^${source.replace(/\\*$/, ".*")}$`)':
      "made of the daemon's own paths: anchored, with one run between two slashes; Node bounds a path",
  },
};
