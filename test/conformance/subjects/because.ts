/** Scenarios that share a reason for which they cannot be played. */
export function because(reason: string, ...ids: readonly string[]): Record<string, string> {
  return Object.fromEntries(ids.map((id) => [id, reason]));
}
