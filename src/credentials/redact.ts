/** As much of a key as may be seen: enough to know it again; nothing that moves a terminal's cursor. */
export function redact(key: string): string {
  const characters = Array.from(key.trim().replaceAll(/\p{Cc}/gu, "?"));
  if (characters.length <= 8) return "****";
  return `${characters.slice(0, 4).join("")}...${characters.slice(-4).join("")}`;
}
