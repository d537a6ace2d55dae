import { readSession } from "./read-session.js";

export default {
  async fetch(request) {
    const { searchParams } = new URL(request.url);
    const lines = await readSession(searchParams.get("url"), searchParams.get("session"));
    return new Response(lines.join("\n"));
  },
};
