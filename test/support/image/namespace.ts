import { execa, type Options } from "execa";

/** What a process in a folder's tree gets, as in a container. */
export interface Surroundings {
  /** The folder that becomes `/`. */
  readonly root: string;
  /** By number; root where it is 0. */
  readonly user: number;
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
  /** The machine's own network, or one of its own with nothing but loopback. */
  readonly network: "machine" | "own";
  /** Files of the machine that are seen in it, and where. */
  readonly files?: readonly (readonly [file: string, seenAt: string])[];
}

// All mounts are of a namespace of their own: they end with the last process in it.
const ENTER = `
root=$1 user=$2 directory=$3; shift 3
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/mnt"
while [ "$1" != -- ]; do
  [ -e "$root$2" ] || : > "$root$2"
  mount --bind "$1" "$root$2"
  shift 2
done
shift
exec chroot --userspec="$user" "$root" env --chdir="$directory" "$@"`;
const ENTER_ALONE = `ip link set lo up;${ENTER}`;

/**
 * Starts a command as the first process of a namespace of processes, which all end with it, and with
 * the process that called this.
 */
export function inNamespace<O extends Options>(
  { root, user, directory, env, network, files = [] }: Surroundings,
  command: readonly string[],
  options: O,
) {
  const kinds = ["--mount", "--pid", "--ipc", ...(network === "own" ? ["--net"] : [])];
  const script = network === "own" ? ENTER_ALONE : ENTER;
  const unshare = [...kinds, "--fork", "--kill-child=SIGKILL", "sh", "-euc", script, "sh"];
  const args = [root, `${user}`, directory, ...files.flat(), "--", ...command];
  return execa("setpriv", ["--pdeathsig", "KILL", "unshare", ...unshare, ...args], {
    ...options,
    env,
    extendEnv: false,
  });
}
