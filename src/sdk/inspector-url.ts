/** Where the inspector is, and what it is to know. */
export interface InspectorUrlOptions {
  baseUrl: string;
  token?: string;
  headers?: Record<string, string>;
}

/**
 * The address of the daemon's inspector page. Token and headers stand in the fragment, which browsers
 * send to no server and no server logs.
 */
export function buildInspectorUrl({ baseUrl, token, headers }: InspectorUrlOptions): string {
  const fragment = new URLSearchParams();
  if (token !== undefined && token !== "") fragment.set("token", token);
  if (headers && Object.keys(headers).length > 0) fragment.set("headers", JSON.stringify(headers));
  const hash = fragment.toString();
  return `${baseUrl.replace(/(?<!\/)\/+$/, "")}/ui/${hash === "" ? "" : `#${hash}`}`;
}
