/**
 * Expressions whose text is short whatever a client, an agent or a repository sends, by file and source,
 * each with the reason. Every other expression of the sources must take linear time.
 */
export const bounded: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "src/sdk/spawn.ts": {
    "/\\bhttp:\\/\\/\\S+(?=\\s)/": "reads the last 4,096 characters of the daemon's own stdout",
  },
  "src/server/entrance.ts": {
    'new RegExp(`^${source.replace(/\\*$/, ".*")}$`)':
      "made of the daemon's own paths: anchored, with one run between two slashes; Node bounds a path",
  },
};
