/** Headers of every answer: other sites cannot embed it, and browsers do not guess its type. */
export const ANSWER_HEADERS = {
  "x-content-type-options": "nosniff",
  "cross-origin-resource-policy": "same-origin",
} as const;
