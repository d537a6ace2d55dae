/**
 * Headers of every answer, unless its route sets others. Other sites cannot embed the answer, browsers
 * do not guess its type, and caches do not store it. Next.js 14 caches the GET requests of a server.
 */
export const ANSWER_HEADERS = {
  "x-content-type-options": "nosniff",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-store",
} as const;
