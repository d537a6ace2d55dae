import { expect, test } from "vitest";
import { cgroupLimit, defaultEventBuffer } from "../../src/cli/event-buffer-size.ts";

const MiB = 2 ** 20;
const GiB = 2 ** 30;
const UNLIMITED_V1 = "9223372036854771712\n";

type Files = Record<string, string>;
const reader = (files: Files) => (path: string) => files[path];

const cases: [what: string, files: Files, limit: number | undefined][] = [
  ["no cgroups", {}, undefined],
  [
    "version 2 with a limit",
    { "/proc/self/cgroup": "0::/\n", "/sys/fs/cgroup/memory.max": `${900 * MiB}\n` },
    900 * MiB,
  ],
  [
    "version 2 without a limit",
    { "/proc/self/cgroup": "0::/a/b\n", "/sys/fs/cgroup/a/b/memory.max": "max\n" },
    undefined,
  ],
  [
    "version 2, the cgroup around it with the lower limit",
    {
      "/proc/self/cgroup": "0::/a/b\n",
      "/sys/fs/cgroup/a/b/memory.max": `${800 * MiB}\n`,
      "/sys/fs/cgroup/a/memory.max": `${300 * MiB}\n`,
      "/sys/fs/cgroup/memory.max": "max\n",
    },
    300 * MiB,
  ],
  [
    "version 2, the path of the host, which is not mounted",
    {
      "/proc/self/cgroup": "0::/system.slice/docker-1.scope\n",
      "/sys/fs/cgroup/memory.max": "67108864\n",
    },
    64 * MiB,
  ],
  [
    "version 2, a path outside of the namespace",
    { "/proc/self/cgroup": "0::/../b\n", "/sys/fs/cgroup/b/memory.max": "1048576\n" },
    MiB,
  ],
  [
    "version 1 beside a version 2 without controllers",
    {
      "/proc/self/cgroup": "4:cpu,memory:/x/y\n1:cpu:/\n0::/\n",
      "/sys/fs/cgroup/memory/x/y/memory.limit_in_bytes": UNLIMITED_V1,
      "/sys/fs/cgroup/memory/x/memory.limit_in_bytes": "536870912\n",
    },
    512 * MiB,
  ],
  [
    "version 1 without a limit",
    {
      "/proc/self/cgroup": "4:memory:/\n",
      "/sys/fs/cgroup/memory/memory.limit_in_bytes": UNLIMITED_V1,
    },
    undefined,
  ],
  ["files with other content", { "/proc/self/cgroup": "?\n0:x\n0::/\n" }, undefined],
  [
    "a limit that is not a number",
    { "/proc/self/cgroup": "0::/\n", "/sys/fs/cgroup/memory.max": "12 MiB\n" },
    undefined,
  ],
];

test.each(cases)("cgroupLimit reads %s", (_, files, limit) => {
  expect(cgroupLimit(reader(files))).toBe(limit);
});

test("the default is a quarter of the machine or of the cgroup, from 1 MiB to 512 MiB", () => {
  const limited = (bytes: number) =>
    reader({ "/proc/self/cgroup": "0::/\n", "/sys/fs/cgroup/memory.max": `${bytes}` });
  expect(defaultEventBuffer(reader({}), 24 * GiB)).toBe(512 * MiB);
  expect(defaultEventBuffer(reader({}), GiB)).toBe(256 * MiB);
  expect(defaultEventBuffer(limited(900 * MiB), 24 * GiB)).toBe(225 * MiB);
  expect(defaultEventBuffer(limited(24 * GiB), 512 * MiB)).toBe(128 * MiB);
  expect(defaultEventBuffer(limited(MiB), 24 * GiB)).toBe(MiB);
});
