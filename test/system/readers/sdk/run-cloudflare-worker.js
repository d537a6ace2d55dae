// Runs a bundled worker in workerd: `<folder of miniflare> <bundle> <compatibility date> <url> <session>`.
import { createRequire } from "node:module";
import { join } from "node:path";

const [folder, scriptPath, compatibilityDate, url, session] = process.argv.slice(2);
const { Miniflare } = createRequire(join(folder, "package.json"))("miniflare");
const miniflare = new Miniflare({ modules: true, scriptPath, compatibilityDate });
try {
  const query = new URLSearchParams({ url, session });
  const answer = await miniflare.dispatchFetch(`http://worker/?${query}`);
  process.stdout.write(await answer.text());
} finally {
  await miniflare.dispose();
}
