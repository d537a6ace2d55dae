import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const repository = join(import.meta.dirname, "../..");
// The formatter pads the cells of tables.
const document = readFileSync(join(repository, "docs/architecture.md"), "utf8").replaceAll(
  / {2,}/g,
  " ",
);

const named = [...document.matchAll(/`((?:src|test)[\w./-]*)`/g)].map(([, path = ""]) => path);

function folders(path: string): string[] {
  const children = readdirSync(join(repository, path), { withFileTypes: true });
  return children
    .filter((child) => child.isDirectory())
    .flatMap((child) => [`${path}/${child.name}`, ...folders(`${path}/${child.name}`)]);
}

it("names every folder of src", () => {
  expect(named).toEqual(expect.arrayContaining(folders("src")));
});

it("names only what exists", () => {
  for (const path of named) expect(() => statSync(join(repository, path))).not.toThrow();
});

it("names in a folder's row only files that lie in it", () => {
  for (const [, folder = "", text = ""] of document.matchAll(/^\| `(src[\w/-]*)` \| (.*) \|$/gm)) {
    const files = [...text.matchAll(/`([\w-]+\.ts)`/g)].map(([, file]) => file);
    expect(readdirSync(join(repository, folder))).toEqual(expect.arrayContaining(files));
  }
});

it("names in its text only classes that src declares", () => {
  const source = folders("src")
    .flatMap((folder) =>
      readdirSync(join(repository, folder))
        .filter((file) => file.endsWith(".ts"))
        .map((file) => readFileSync(join(repository, folder, file), "utf8")),
    )
    .join("\n");
  const classes = [...document.matchAll(/`([A-Z]\w+)(?:\.\w+)?`/g)].map(([, name]) => name ?? "");
  expect(classes.length).toBeGreaterThan(5);
  const declared = new Set([...source.matchAll(/\bclass (\w+)/g)].map(([, name]) => name));
  expect(classes.filter((name) => name !== "SIGTERM" && !declared.has(name))).toEqual([]);
});
