import { isIPv4 } from "node:net";

/** A `Host` without its port, its brackets and a final dot, in lower case. */
export function hostnameOf(host: string): string {
  if (/^[^[\]]*:[^[\]]*:/.test(host)) return host.toLowerCase();
  return host
    .toLowerCase()
    .replace(/:\d*$/, "")
    .replace(/^\[(.*)\]$/, "$1")
    .replace(/\.$/, "");
}

/** Tests for a name, as `hostnameOf` returns it, that always means this machine. */
export function isLoopback(name: string): boolean {
  return /^(?:(?:[\w-]+\.)*localhost|127\.\d+\.\d+\.\d+|::1)$/.test(name);
}

/** The origin of a web page; undefined for `null`, other schemes, and more than an origin. */
export function parseOrigin(origin: string): URL | undefined {
  if (!URL.canParse(origin)) return undefined;
  const url = new URL(origin);
  const isOrigin = /^https?:\/\/[^/?#@\\]+\/?$/i.test(origin);
  return isOrigin && /^https?:$/.test(url.protocol) ? url : undefined;
}

/** Compares the origin of a page with the `Host` of its request. A proxy may have taken TLS off. */
export function isSameOrigin({ protocol, host: originHost }: URL, host: string): boolean {
  const own = `${protocol}//${host}`;
  return URL.canParse(own) && new URL(own).host === originHost;
}

/**
 * Tests for a page whose name its owner can direct to this machine (DNS rebinding).
 * An address and a loopback name cannot be directed, and https needs a certificate for the name.
 */
export function mayBeRebound({ protocol, host, hostname }: URL): boolean {
  if (protocol !== "http:" || isIPv4(hostname) || hostname.startsWith("[")) return false;
  return !isLoopback(hostnameOf(host));
}
