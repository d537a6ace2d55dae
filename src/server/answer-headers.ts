/** Headers of every answer: no other site may embed one, and no browser may guess its type. */
export const ANSWER_HEADERS = {
  "x-content-type-options": "nosniff",
  "cross-origin-resource-policy": "same-origin",
} as const;
