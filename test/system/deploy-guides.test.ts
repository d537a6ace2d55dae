import { beforeAll, expect, it } from "vitest";
import { codeBlocks } from "../support/code-blocks.ts";
import { documentsIn } from "../support/documents.ts";
import { installProviders, providerTypeErrors, type Runtime } from "../support/providers.ts";

const shown = (
  await Promise.all(
    documentsIn("docs/deploy").map(async (path) =>
      (await codeBlocks(path))
        .filter(({ language }) => language === "ts")
        .map(({ text }, index) => {
          const runtime: Runtime = text.includes("@cloudflare/sandbox") ? "worker" : "node";
          return { path, number: index + 1, text, runtime };
        }),
    ),
  )
).flat();

let providers: string;

beforeAll(async () => {
  providers = await installProviders();
}, 300_000);

it.each(shown)(
  "$path: program $number is right in the eyes of the provider's types",
  async ({ text, runtime }) => {
    expect(await providerTypeErrors(providers, text, runtime)).toBe("");
  },
  60_000,
);

it.each([
  ["e2b", 'import { Sandbox } from "e2b"; Sandbox.create({ timeoutMs: "1h" });'],
  ["Cloudflare", 'import { getSandbox } from "@cloudflare/sandbox"; getSandbox(1, "work");'],
])("a program that %s's types refuse would be found", async (name, program) => {
  const runtime = name === "Cloudflare" ? "worker" : "node";
  expect(await providerTypeErrors(providers, program, runtime)).toContain("error TS2");
});

it("there is a program for each provider", () => {
  const sdks = shown.flatMap(({ text }) => text.match(/(?<=from ")[^"]+/g) ?? []);
  const known = ["e2b", "@daytona/sdk", "@vercel/sandbox", "dockerode", "@aws-sdk/client-ecs"];
  expect(new Set(sdks)).toEqual(new Set(["sandbox-agent", "@cloudflare/sandbox", ...known]));
});
