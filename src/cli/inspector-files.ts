import type { InspectorFile } from "../server/inspector.ts";

/** The files of the inspector, loaded when first asked for; undefined where it has not been built. */
export async function inspectorFiles(): Promise<readonly InspectorFile[] | undefined> {
  try {
    return (await import("../inspector/built.js")).files;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND") {
      return undefined;
    }
    throw error;
  }
}
