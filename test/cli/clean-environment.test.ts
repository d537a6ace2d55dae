import { expect, test } from "vitest";
import { cleanEnvironment } from "../../src/cli/clean-environment.ts";

test.each([
  ["keeps absolute entries of PATH", { PATH: "/a:/b" }, { PATH: "/a:/b" }],
  ["drops relative and empty entries", { PATH: ":.:/a:bin:~/b::/c:" }, { PATH: "/a:/c" }],
  ["replaces a PATH without absolute entries", { PATH: "." }, { PATH: "/usr/bin:/bin" }],
  ["replaces an empty PATH", { PATH: "" }, { PATH: "/usr/bin:/bin" }],
  ["leaves a missing PATH", {}, {}],
  [
    "drops relative folders of libraries",
    { LD_LIBRARY_PATH: ":/opt/lib" },
    { LD_LIBRARY_PATH: "/opt/lib" },
  ],
  ["removes a list of libraries that is relative", { LD_LIBRARY_PATH: ".", NODE_PATH: "lib" }, {}],
  ["sets a missing HOME", { HOME: undefined }, { HOME: "/home/of-the-user" }],
  ["replaces an empty HOME", { HOME: "" }, { HOME: "/home/of-the-user" }],
  ["replaces a relative HOME", { HOME: "." }, { HOME: "/home/of-the-user" }],
  ["keeps an absolute HOME", { HOME: "/h" }, { HOME: "/h" }],
  [
    "removes relative folders of the user",
    { XDG_CONFIG_HOME: ".config", XDG_DATA_HOME: "", XDG_CACHE_HOME: "/c", TMPDIR: "tmp" },
    { XDG_CACHE_HOME: "/c" },
  ],
])("an environment %s", (_, given, expected) => {
  const env: Record<string, string | undefined> = { HOME: "/h", ...given };
  cleanEnvironment(env, () => "/home/of-the-user");
  expect(env).toEqual({ HOME: "/h", ...expected });
});
