import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, stat } from "node:fs/promises";
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { execa } from "execa";
import { expect, it } from "vitest";
import { version } from "../../../src/version.ts";
import { expectCycloneDx } from "../../support/cyclonedx.ts";
import { npmRegistryEnvironment } from "../../support/npm-registry.ts";
import { copyRepository } from "../../support/repository-copy.ts";
import { temporaryHome } from "../../support/sandbox.ts";

const repository = join(import.meta.dirname, "../../..");

/** The most that a download may be, in bytes; Bun's runtime alone is 51.2 MB of the first. */
const largest = { gz: 56e6, xz: 43e6 };

interface Bill {
  bomFormat: string;
  specVersion: string;
  metadata: { component: { name: string; version: string } };
  components: { name: string }[];
}

/** Serves a folder's files. */
async function serve(folder: string) {
  const server = createServer((request, response) => {
    readFile(join(folder, request.url ?? "")).then(
      (file) => response.end(file),
      () => response.writeHead(404).end(),
    );
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

it("a release holds its files, their sums and what they are made of, and install.sh installs it", async () => {
  await using home = await temporaryHome();
  const host = join(home.dir, "host");
  const folder = join(host, version);
  await mkdir(host);
  await using copy = await copyRepository();
  const heading = `## [${version}] - `;
  await copy.edit("CHANGELOG.md", (text) =>
    text.replace(`${heading}unreleased`, `${heading}2026-01-31`),
  );
  await copy.git("commit", "--quiet", "--all", "--allow-empty", "--message", "Release");
  const args = ["scripts/release.ts", "--out", folder, "--target", "linux-x64"];
  await execa(process.execPath, args, {
    cwd: copy.folder,
    env: { ...home.env, PATH: process.env["PATH"], ...(await npmRegistryEnvironment()) },
    extendEnv: false,
  });
  const sums = (await readFile(join(folder, "SHA256SUMS"), "utf8")).trim().split("\n");
  const listed = sums.map((line) => line.split("  "));
  expect(listed.map(([, name = ""]) => name).toSorted()).toEqual(
    (await readdir(folder)).filter((name) => name !== "SHA256SUMS").toSorted(),
  );
  for (const [sum, name = ""] of listed) {
    const file = await readFile(join(folder, name));
    expect(createHash("sha256").update(file).digest("hex"), name).toBe(sum);
  }
  const told = (await execa("sha256sum", ["--check", "SHA256SUMS"], { cwd: folder })).stdout;
  expect(told.split("\n")).toEqual(listed.map(([, name]) => `${name}: OK`));
  for (const [packing, bytes] of Object.entries(largest)) {
    const name = `sandbox-agent-linux-x64.${packing}`;
    const { size } = await stat(join(folder, name));
    console.log(`${name}: ${(size / 1e6).toFixed(2)} MB`);
    expect(size, name).toBeLessThanOrEqual(bytes);
  }
  const bill = JSON.parse(await readFile(join(folder, "sbom.cdx.json"), "utf8")) as Bill;
  expect(bill).toMatchObject({
    bomFormat: "CycloneDX",
    metadata: { component: { name: "sandbox-agent", version } },
  });
  await expectCycloneDx(bill);
  const parts = bill.components.map(({ name }) => name);
  expect(parts).toEqual(expect.arrayContaining(["fastify", "zod", "prom-client"]));
  expect(parts).not.toContain("vitest");
  expect(await readFile(join(folder, "RELEASE_NOTES.md"), "utf8")).toContain(heading);

  await using server = await serve(host);
  const bin = join(home.dir, "bin");
  await execa("sh", [join(folder, "install.sh"), "--version", version, "--dir", bin], {
    env: { ...home.env, SANDBOX_AGENT_BASE_URL: server.url },
    extendEnv: false,
  });
  const { stdout } = await execa(join(bin, "sandbox-agent"), ["run", "--agent", "mock", "hello"], {
    cwd: home.work,
    env: home.env,
    extendEnv: false,
  });
  expect(stdout).toContain("hello");
}, 600_000);

it("an unknown platform is refused by name", async () => {
  const args = ["scripts/release.ts", "--target", "linux-x65"];
  const { exitCode, stderr } = await execa(process.execPath, args, {
    cwd: repository,
    reject: false,
  });
  expect(exitCode).toBe(1);
  expect(stderr).toContain("release: unknown target in linux-x65");
});
