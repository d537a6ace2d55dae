import { readdir, readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { buildInspectorUrl } from "../../src/sdk/inspector-url.ts";
import { repository } from "../repo/files.ts";

const LIMIT_BYTES = 150_000;
const documents = ["README.md", "docs/inspector.md", "docs/benchmarks.md"];

const shown = (
  await Promise.all(
    documents.map(async (path) => {
      const text = await readFile(join(repository, path), "utf8");
      const named = [...text.matchAll(/!\[([^\]]+)\]\(([^)]+)\)/g)];
      return named.map(([, , image = ""]) => join(dirname(path), image));
    }),
  )
).flat();

it("the pictures of the documents are those that there are, each with a text, and none is large", async () => {
  const present = (await readdir(join(repository, "docs/images"))).map(
    (name) => `docs/images/${name}`,
  );
  expect([...new Set(shown)].toSorted()).toEqual(present.toSorted());
  for (const image of present) {
    expect((await stat(join(repository, image))).size, image).toBeLessThan(LIMIT_BYTES);
  }
});

it("each picture of the page is one that npm run screenshots makes", async () => {
  const script = await readFile(join(repository, "scripts/screenshots.ts"), "utf8");
  for (const image of shown.filter((path) => path.endsWith(".png"))) {
    expect(script).toContain(`"${image.replace("docs/images/", "").replace(".png", "")}"`);
  }
});

it("the link with a token is what the SDK makes", async () => {
  const text = await readFile(join(repository, "docs/inspector.md"), "utf8");
  const link = buildInspectorUrl({ baseUrl: "http://127.0.0.1:2468", token: "secret" });
  expect(text).toContain(`\n${link}\n`);
});
