import { expect, it } from "vitest";
import { protocolOf } from "./protocol.ts";

it("the protocol of Codex is read from its schemas", () => {
  const variant = (method: string, definition?: string) => ({
    properties: {
      method: { enum: [method] },
      ...(definition !== undefined && { params: { $ref: `#/definitions/${definition}` } }),
    },
  });
  const notifications = {
    oneOf: [variant("turn/started", "Turn"), variant("fs/changed", "Files"), variant("quiet")],
    definitions: {
      Turn: { properties: { threadId: {} } },
      Files: { properties: { path: {} } },
      ThreadItem: { oneOf: [{ properties: { type: { enum: ["plan"] } } }] },
    },
  };
  expect(protocolOf({ notifications, requests: { oneOf: [variant("item/tool/call")] } })).toEqual({
    notifications: { ofThreads: ["turn/started"], ofNoThread: ["fs/changed", "quiet"] },
    requests: ["item/tool/call"],
    items: ["plan"],
  });
});
