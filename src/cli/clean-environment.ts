import { userInfo } from "node:os";
import { delimiter, isAbsolute } from "node:path";
import { absoluteFolders } from "../io/absolute-folders.ts";

type Environment = Record<string, string | undefined>;

/** Lists of folders from which programs and libraries are loaded. */
const LISTS = ["PATH", "Path", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "NODE_PATH"];
/** Single folders. The XDG specification ignores relative ones too. */
const FOLDERS = [
  "TMPDIR",
  "XDG_CACHE_HOME",
  "XDG_CONFIG_HOME",
  "XDG_DATA_HOME",
  "XDG_RUNTIME_DIR",
  "XDG_STATE_HOME",
];
const DEFAULT_PATH = "/usr/bin:/bin";

/**
 * Removes from an environment what depends on the working directory: relative and empty entries of
 * search paths, and relative folders of the user. Otherwise the daemon, its helpers and the agents
 * would load programs, keys and settings from the folder in which they are started. HOME is always set:
 * without it every look-up of the home folder fails for a user without an entry.
 */
export function cleanEnvironment(env: Environment, findHome: () => string = homeOfUser): void {
  for (const name of LISTS) {
    const list = env[name];
    if (list === undefined) continue;
    const kept = absoluteFolders(list);
    if (kept.length > 0) env[name] = kept.join(delimiter);
    // To the system an empty PATH is the working directory.
    else if (name === "PATH") env[name] = DEFAULT_PATH;
    else delete env[name];
  }
  for (const name of FOLDERS) {
    if (env[name] !== undefined && !isAbsolute(env[name])) delete env[name];
  }
  if (!isAbsolute(env["HOME"] ?? "")) env["HOME"] = findHome();
}

/** The home folder in the user's entry. A user without an entry gets `/`, as in Docker. */
function homeOfUser(): string {
  try {
    return userInfo().homedir;
  } catch {
    return "/";
  }
}
