import { once } from "node:events";
import { connect } from "node:net";
import { expect, it } from "vitest";
import { listeningApp } from "./listening-app.ts";

it("an app that closes ends a connection on which no request was sent", async () => {
  const app = await listeningApp();
  const socket = connect(Number(new URL(app.url).port), "127.0.0.1").on("error", () => {});
  await once(socket, "connect");
  const ended = once(socket, "close");
  await app[Symbol.asyncDispose]();
  await ended;
  expect(socket.destroyed).toBe(true);
});
