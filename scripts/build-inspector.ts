import { createHash } from "node:crypto";
import { readdir, readFile, rename, writeFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants } from "node:zlib";
import { build, type Plugin } from "vite";
import type { InspectorFile } from "../src/server/inspector.ts";

const repository = join(import.meta.dirname, "..");
const root = join(repository, "src/inspector");
/** The page as a module, which package and executable hold like any other. */
export const builtInspector = join(root, "built.js");

const types: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** Builds `src/inspector/built.js`, unless it is that of these sources. */
export async function buildInspector(): Promise<{ files: number; built: boolean }> {
  const stamp = `// ${await digestOfSources()}\n`;
  const present = await readFile(builtInspector, "utf8").catch(() => "");
  if (present.startsWith(stamp)) {
    return { files: present.match(/"path":/g)?.length ?? 0, built: false };
  }
  const files = await Promise.all((await bundle()).map(compress));
  // Renamed, since others may build and read it at the same time.
  const unfinished = `${builtInspector}.${process.pid}`;
  await writeFile(unfinished, `${stamp}export const files = ${JSON.stringify(files)};\n`);
  await rename(unfinished, builtInspector);
  return { files: files.length, built: true };
}

interface OutputFile {
  path: string;
  content: string | Uint8Array;
}

async function bundle(): Promise<OutputFile[]> {
  const result = await build({
    configFile: false,
    root,
    // Relative, so that the page works below any path.
    base: "./",
    logLevel: "warn",
    plugins: [preloaded("show")],
    build: {
      write: false,
      target: "es2023",
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
    },
  });
  const outputs = Array.isArray(result) ? result : [result];
  return outputs
    .flatMap((one) => ("output" in one ? one.output : []))
    .map((file) => ({
      path: file.fileName,
      content: file.type === "chunk" ? file.code : file.source,
    }))
    .toSorted((a, b) => a.path.localeCompare(b.path));
}

/** The page names a part that its script asks for by and by, so that it is fetched with this. */
function preloaded(name: string): Plugin {
  return {
    name: "preloaded",
    transformIndexHtml: {
      order: "post",
      handler: (_html, { bundle = {} }) =>
        Object.values(bundle)
          .filter((file) => file.type === "chunk" && file.isDynamicEntry && file.name === name)
          .map(({ fileName }) => ({
            tag: "link",
            attrs: { rel: "modulepreload", crossorigin: true, href: `./${fileName}` },
            injectTo: "head",
          })),
    },
  };
}

async function compress({ path, content }: OutputFile): Promise<InspectorFile> {
  const type = types[extname(path)];
  if (type === undefined) throw new Error(`no media type is known for ${path}`);
  const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
  const bytes = await promisify(brotliCompress)(Buffer.from(content), { params });
  return { path, type, brotli: bytes.toString("base64") };
}

/** Of everything that the page is made from. */
async function digestOfSources(): Promise<string> {
  const hash = createHash("sha256");
  const files = [join(repository, "package-lock.json"), import.meta.filename];
  for (const folder of ["src/inspector", "src/sdk", "src/io"]) {
    const names = await readdir(join(repository, folder), { recursive: true });
    files.push(...names.toSorted().map((name) => join(repository, folder, name)));
  }
  for (const file of files) {
    if (!/\.(tsx?|css|html|svg|json)$/.test(file)) continue;
    hash.update(file).update(await readFile(file));
  }
  return hash.digest("hex");
}
