import { access, chmod, cp, mkdir, readFile, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { npmRegistryEnvironment } from "../npm-registry.ts";
import { commandWords, letIn, parseDockerfile, type Stage } from "./dockerfile.ts";
import { inNamespace } from "./namespace.ts";

const repository = join(import.meta.dirname, "../../..");
const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** What a Dockerfile has made: a tree of files, and how a container of it is started. */
export interface Image {
  readonly root: string;
  readonly user: number;
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
  readonly ports: readonly number[];
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly healthCheck: readonly string[];
}

/**
 * Runs the commands of this repository's Dockerfile without Docker, below a folder: each RUN in a
 * chroot. A Debian of Debian's own packages stands in for the base images, with the Node of this
 * repository and the machine's npm for that of Node. Only root may.
 */
export async function buildImage(folder: string): Promise<Image> {
  const stages = parseDockerfile(await readFile(join(repository, "Dockerfile"), "utf8"));
  const context = join(folder, "context");
  await makeContext(context);
  const reached = await reach();
  const built = new Map<string, string>();
  let image: Image | undefined;
  for (const [index, stage] of stages.entries()) {
    const root = join(folder, `stage-${index}`);
    await makeBase(root, stage.base, folder);
    image = await runStage(stage, { root, context, built, reached });
    if (stage.name !== undefined) built.set(stage.name, root);
  }
  if (!image) throw new Error("the Dockerfile has no stage");
  return image;
}

async function makeContext(context: string): Promise<void> {
  const { names, except } = letIn(await readFile(join(repository, ".dockerignore"), "utf8"));
  const refused = new Set(except.map((path) => join(repository, path)));
  for (const name of names) {
    await cp(join(repository, name), join(context, name), {
      recursive: true,
      filter: (path) => !refused.has(path),
    });
  }
}

/** How a build reaches the registries of npm and Debian from this machine. */
interface Reach {
  env: Record<string, string>;
  files: [file: string, seenAt: string][];
}

/** Where nothing of the image is, and a disk of its own while a command runs. */
const AUTHORITY = "/mnt/authority.pem";

async function reach(): Promise<Reach> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(await npmRegistryEnvironment())) {
    if (value !== undefined) env[name] = value;
  }
  const files: Reach["files"] = [
    ["/etc/resolv.conf", "/etc/resolv.conf"],
    ["/etc/hosts", "/etc/hosts"],
  ];
  const { stdout: cafile } = await execa("npm", ["config", "get", "cafile"]);
  const authority = [cafile, env["NODE_EXTRA_CA_CERTS"]].find((path) => path?.startsWith("/"));
  if (authority !== undefined) {
    files.push([authority, AUTHORITY]);
    Object.assign(env, { NODE_EXTRA_CA_CERTS: AUTHORITY, npm_config_cafile: AUTHORITY });
  }
  return { env, files };
}

/** Makes the tree of a base image, or of what stands in for it. */
async function makeBase(root: string, base: string, folder: string): Promise<void> {
  const [, node, suite] = /^(?:node:(\d+)|debian)[-:](\w+)-slim$/.exec(base) ?? [];
  if (suite === undefined) throw new Error(`nothing stands in for ${base}`);
  const debian = join(folder, suite);
  await access(debian).catch(() =>
    execa("mmdebstrap", ["--mode=root", "--variant=minbase", "--quiet", suite, debian]),
  );
  await execa("cp", ["-a", debian, root]);
  if (node === undefined) return;
  if (!process.version.startsWith(`v${node}.`)) throw new Error(`this is no Node ${node}`);
  const bin = join(root, "usr/local/bin");
  await cp(process.execPath, join(bin, "node"));
  await chmod(join(bin, "node"), 0o755);
  const { stdout: modules } = await execa("npm", ["root", "--global"]);
  await cp(join(modules, "npm"), join(root, "usr/local/lib/node_modules/npm"), { recursive: true });
  await symlink("../lib/node_modules/npm/bin/npm-cli.js", join(bin, "npm"));
}

interface Site {
  root: string;
  context: string;
  /** The roots of the stages before it, by name. */
  built: ReadonlyMap<string, string>;
  reached: Reach;
}

async function runStage(stage: Stage, { root, context, built, reached }: Site): Promise<Image> {
  const image = {
    root,
    user: 0,
    directory: "/",
    env: { PATH } as Record<string, string>,
    ports: [] as number[],
    entrypoint: [] as string[],
    command: [] as string[],
    healthCheck: [] as string[],
  };
  for (const { name, text } of stage.instructions) {
    const words = text.split(/\s+/);
    switch (name) {
      case "RUN": {
        const env = { HOME: "/root", ...reached.env, ...image.env };
        const surroundings = { ...image, env, files: reached.files, network: "machine" } as const;
        await inNamespace(surroundings, ["sh", "-c", text], {});
        break;
      }
      case "COPY": {
        const [, from] = /^--from=(\S+)$/.exec(words[0] ?? "") ?? [];
        const paths = words.slice(from === undefined ? 0 : 1);
        const source = from === undefined ? context : built.get(from);
        if (source === undefined) throw new Error(`there is no stage ${from}`);
        await copy(source, paths, join(root, image.directory));
        break;
      }
      case "WORKDIR":
        image.directory = text;
        await mkdir(join(root, text), { recursive: true });
        break;
      case "USER":
        image.user = Number(text);
        image.env["HOME"] = await homeOf(image.user, root);
        break;
      case "ENV":
        for (const word of words) {
          const [key = "", ...value] = word.split("=");
          image.env[key] = value.join("=");
        }
        break;
      case "EXPOSE":
        image.ports.push(...words.map(Number));
        break;
      case "HEALTHCHECK":
        image.healthCheck = commandWords(text.replace(/^.*?\sCMD\s/, ""));
        break;
      case "ENTRYPOINT":
        image.entrypoint = commandWords(text);
        break;
      case "CMD":
        image.command = commandWords(text);
        break;
      default:
        throw new Error(`what ${name} does is not known here`);
    }
  }
  return image;
}

/** Into a folder where the last path is one, else as that file; a folder is copied as its content. */
async function copy(source: string, paths: readonly string[], directory: string): Promise<void> {
  const last = paths.at(-1) ?? "";
  const root = last.startsWith("/") ? join(directory, "/") : directory;
  const target = join(root, last);
  const isFolder = /(^\.|\/)$/.test(last);
  for (const path of paths.slice(0, -1)) {
    const to = isFolder ? join(target, path) : target;
    await mkdir(dirname(to), { recursive: true });
    await execa("cp", ["-rT", "--preserve=mode", join(source, path), to]);
  }
}

async function homeOf(user: number, root: string): Promise<string> {
  const lines = (await readFile(join(root, "etc/passwd"), "utf8")).split("\n");
  const [home] = lines.flatMap((line) => {
    const [, , uid, , , home = "/"] = line.split(":");
    return uid === `${user}` ? [home] : [];
  });
  if (home === undefined) throw new Error(`there is no user ${user}`);
  return home;
}
