import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { version } from "../../src/version.ts";
import { npmRegistryEnvironment } from "../support/npm-registry.ts";
import { repository, repositoryFiles } from "./files.ts";

interface Package {
  version: string;
  license: string;
  engines: { node: string };
  scripts: Record<string, string>;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
}

interface Lockfile {
  packages: Record<string, Partial<Package> & { resolved?: string; integrity?: string }>;
}

const read = (path: string) => readFile(join(repository, path), "utf8");
const manifest = JSON.parse(await read("package.json")) as Package;
const lockfile = JSON.parse(await read("package-lock.json")) as Lockfile;

it("the version is told the same everywhere", async () => {
  expect(version).toBe(manifest.version);
  expect(lockfile.packages[""]?.version).toBe(version);
  expect(await read("CHANGELOG.md")).toContain(`\n## [${version}] - `);
});

it("the licence that package.json names is the one in LICENSE", async () => {
  expect(manifest.license).toBe("Apache-2.0");
  expect(await read("LICENSE")).toMatch(/Apache License\s+Version 2\.0, January 2004/);
});

it("every script has a name of one word or that of a lane, and every dependency an exact version", () => {
  const { scripts, dependencies, devDependencies } = manifest;
  const name = /^([a-z]+|test:(unit|agents|system|executable))$/;
  for (const script of Object.keys(scripts)) expect(script).toMatch(name);
  for (const range of Object.values({ ...dependencies, ...devDependencies })) {
    expect(range).toMatch(/^\d+\.\d+\.\d+$/);
  }
});

it.each(["", "test/fixtures/providers/"])(
  "the lockfile %s names what its package.json names, with integrity and without addresses",
  async (folder) => {
    const wanted = JSON.parse(await read(`${folder}package.json`)) as Package;
    const locked = JSON.parse(await read(`${folder}package-lock.json`)) as Lockfile;
    const { "": root, ...packages } = locked.packages;
    expect(root?.dependencies).toEqual(wanted.dependencies);
    expect(root?.devDependencies).toEqual(wanted.devDependencies);
    for (const [path, { resolved, integrity }] of Object.entries(packages)) {
      expect(resolved, path).toBeUndefined();
      expect(integrity, path).toMatch(/^sha512-/);
    }
  },
);

it("no file names the host of a package registry", async () => {
  const { npm_config_registry: configured = "" } = await npmRegistryEnvironment();
  // In pieces, so that this file does not name one either.
  const hosts = [["registry", "npmjs", "org"].join("."), ["registry", "yarnpkg", "com"].join(".")];
  const { hostname } = new URL(configured);
  if (!/^(localhost|127\.|\[::1\])/.test(hostname)) hosts.push(hostname);
  const naming: string[] = [];
  for (const file of await repositoryFiles()) {
    const text = await read(file);
    if (hosts.some((host) => text.includes(host))) naming.push(file);
  }
  expect(naming).toEqual([]);
});
