import { join } from "node:path";
import { expect, it } from "vitest";
import { codexRecipe } from "../../../src/agents/codex/install.ts";
import { detectPlatform } from "../../../src/install/platform.ts";
import { startDaemon } from "../../support/daemon.ts";
import { FakeRegistry } from "../../support/fake-registry.ts";
import { inspectorBrowser } from "../../support/inspector.ts";
import { temporaryHome } from "../../support/sandbox.ts";

const browser = inspectorBrowser();

it("an installation shows how far it is, also to who looks in the midst of it, and what comes of it", async () => {
  await using home = await temporaryHome();
  await using registry = await FakeRegistry.start();
  const platform = detectPlatform();
  const target = platform && codexRecipe.platformPackage(platform);
  if (!target) throw new Error("there is no build of Codex for this machine");
  const { name, versionSuffix = "", executable } = target;
  const content = `#!/bin/sh\necho 1.0.0\n# ${"x".repeat(3_000_000)}`;
  const script = { path: `package/${executable}`, content, mode: 0o755 };
  registry.publish(name, `1.0.0${versionSuffix}`, { entries: [script], tags: [] });
  registry.publish(codexRecipe.metaPackage, "1.0.0");
  const { promise: go, resolve: goOn } = Promise.withResolvers<void>();
  registry.break(/\.tgz$/, { kind: "stalled", until: go }, 1);
  const env = {
    SANDBOX_AGENT_REGISTRY: registry.url,
    SANDBOX_AGENT_INSTALL_DIR: join(home.dir, "agents"),
  };
  await using daemon = await startDaemon({ home, env });
  await using tab = await browser.open(`${daemon.url}/ui/agents`);
  const codex = tab.page.getByRole("listitem", { name: "Codex" });
  await codex.getByText("Not installed", { exact: true }).waitFor();
  await codex.getByRole("button", { name: "Install" }).click();
  await codex.getByText(/^Downloading, .* of .* MB$/).waitFor();
  expect(await codex.getByRole("button", { name: "Installing" }).isDisabled()).toBe(true);
  await tab.page.reload();
  await codex.getByRole("progressbar", { name: "Installation of Codex" }).waitFor();
  await tab.page.getByRole("link", { name: "Sessions" }).click();
  await tab.page.getByRole("link", { name: "New session" }).first().click();
  await tab.page.getByText("It is being installed.").waitFor();
  goOn();
  await tab.page.getByRole("link", { name: "Agents", exact: true }).click();
  await codex.getByText("Installed", { exact: true }).waitFor();
  await codex.getByText("1.0.0", { exact: true }).waitFor();
  expect(await codex.getByRole("progressbar").count()).toBe(0);
  expect(tab.faults).toEqual([]);
});
