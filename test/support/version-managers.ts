import { chmod, mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** A version manager with a shim on PATH. */
export interface VersionManager {
  /** The folder of shims. */
  shims: string;
  /** Variables of the shell in which the user has set it up. */
  env: Record<string, string>;
  /** Lets the shim run another version for the user of a home, by default the one it was laid out in. */
  use(version: string, userHome?: string): Promise<void>;
}

/** Creates the files of a version manager below a home, with a command in several versions. */
type LayOut = (
  home: string,
  command: string,
  versions: Record<string, string>,
) => Promise<VersionManager>;

async function write(path: string, text: string, mode = 0o644): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  await chmod(path, mode);
}

/** Links the versions of a command below `<root>/<version>/bin`. */
async function linkVersions(
  root: string,
  command: string,
  versions: Record<string, string>,
): Promise<void> {
  for (const [version, path] of Object.entries(versions)) {
    const folder = join(root, version, "bin");
    await mkdir(folder, { recursive: true });
    await symlink(path, join(folder, command));
  }
}

/** As asdf 0.14: a script that asks asdf, which looks for `.tool-versions` upwards, then at home. */
const asdf: LayOut = async (home, command, versions) => {
  const root = join(home, "opt/asdf");
  const data = join(home, "data/asdf");
  await linkVersions(join(data, "installs", command), command, versions);
  await write(
    join(root, "bin/asdf"),
    `#!/usr/bin/env bash
[ "$1" = exec ] || exit 64
name=$2
shift 2
folder=$PWD
while [ ! -f "$folder/.tool-versions" ] && [ "$folder" != / ] && [ -n "$folder" ]; do
  folder=\${folder%/*}
done
file=\${folder:-/}/.tool-versions
[ -f "$file" ] || file=$HOME/.tool-versions
version=$(sed -n "s/^$name //p" "$file" 2>/dev/null)
if [ -z "$version" ]; then
  echo "No version is set for command $name" >&2
  exit 126
fi
exec "\${ASDF_DATA_DIR:-$HOME/.asdf}/installs/$name/$version/bin/$name" "$@"
`,
    0o755,
  );
  await write(
    join(data, "shims", command),
    `#!/usr/bin/env bash
# asdf-plugin: ${command}
exec ${join(root, "bin/asdf")} exec "${command}" "$@" # asdf_allow: ' asdf '
`,
    0o755,
  );
  return {
    shims: join(data, "shims"),
    env: { ASDF_DIR: root, ASDF_DATA_DIR: data },
    use: (version, userHome = home) =>
      write(join(userHome, ".tool-versions"), `${command} ${version}\n`),
  };
};

/** As mise 2026: a link to mise, which selects the command by the name of the link. */
const mise: LayOut = async (home, command, versions) => {
  const data = join(home, "data/mise");
  await linkVersions(join(data, "installs", command), command, versions);
  const program = join(home, "opt/mise");
  await write(
    program,
    `#!/usr/bin/env bash
name=\${0##*/}
config=\${MISE_GLOBAL_CONFIG_FILE:-\${XDG_CONFIG_HOME:-$HOME/.config}/mise/config.toml}
version=$(sed -n "s/^$name = \\"\\(.*\\)\\"/\\1/p" "$config" 2>/dev/null)
if [ -z "$version" ]; then
  echo "mise ERROR $name is not a valid shim" >&2
  exit 1
fi
echo "mise WARN tools of this folder are not trusted" >&2
exec "\${MISE_DATA_DIR:-$HOME/.local/share/mise}/installs/$name/$version/bin/$name" "$@"
`,
    0o755,
  );
  await mkdir(join(data, "shims"), { recursive: true });
  await symlink(program, join(data, "shims", command));
  const config = join(home, "settings/mise.toml");
  return {
    shims: join(data, "shims"),
    env: { MISE_DATA_DIR: data, MISE_GLOBAL_CONFIG_FILE: config },
    use: (version) => write(config, `[tools]\n${command} = "${version}"\n`),
  };
};

/** As pyenv, nodenv and the like: a script that names its root, which holds the global version. */
const nodenv: LayOut = async (home, command, versions) => {
  const root = join(home, "opt/nodenv");
  await linkVersions(join(root, "versions"), command, versions);
  await write(
    join(root, "libexec/nodenv"),
    `#!/usr/bin/env bash
[ "$1" = exec ] || exit 64
name=$2
shift 2
version=\${NODENV_VERSION:-$(cat "$NODENV_ROOT/version" 2>/dev/null)}
exec "$NODENV_ROOT/versions/$version/bin/$name" "$@"
`,
    0o755,
  );
  await write(
    join(root, "shims", command),
    `#!/usr/bin/env bash
set -e
[ -n "$NODENV_DEBUG" ] && set -x
program="\${0##*/}"
export NODENV_ROOT="${root}"
exec "${join(root, "libexec/nodenv")}" exec "$program" "$@"
`,
    0o755,
  );
  return {
    shims: join(root, "shims"),
    env: { NODENV_ROOT: root },
    use: (version) => write(join(root, "version"), `${version}\n`),
  };
};

/** As Volta 2: a link to its own shim, which finds its home by a variable. */
const volta: LayOut = async (home, command, versions) => {
  const root = join(home, "opt/volta");
  await linkVersions(join(root, "tools/image/packages", command), command, versions);
  await write(
    join(root, "volta-shim"),
    `#!/usr/bin/env bash
name=\${0##*/}
home=\${VOLTA_HOME:-$HOME/.volta}
if ! version=$(cat "$home/tools/user/$name" 2>/dev/null); then
  echo "Volta error: Could not determine the version of $name" >&2
  exit 126
fi
exec "$home/tools/image/packages/$name/$version/bin/$name" "$@"
`,
    0o755,
  );
  await mkdir(join(root, "bin"), { recursive: true });
  await symlink("../volta-shim", join(root, "bin", command));
  return {
    shims: join(root, "bin"),
    env: { VOLTA_HOME: root },
    use: (version) => write(join(root, "tools/user", command), version),
  };
};

/** Small stand-ins for version managers, with the shims that those write. */
export const VERSION_MANAGERS: readonly [name: string, layOut: LayOut][] = [
  ["asdf", asdf],
  ["mise", mise],
  ["nodenv", nodenv],
  ["volta", volta],
];
