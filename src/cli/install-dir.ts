import { Option } from "commander";

/** The option that says where agents are installed. */
export function installDir(): Option {
  return new Option("--install-dir <folder>", "where agents are installed").env(
    "SANDBOX_AGENT_INSTALL_DIR",
  );
}
