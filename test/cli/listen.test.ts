import { expect, it } from "vitest";
import { listen } from "../../src/cli/listen.ts";

/** A server that cannot listen. */
function failing(error: Error) {
  return {
    async listen() {
      throw error;
    },
  };
}

const where = { host: "::1", port: 80 };

it("where it may not listen the address, the reason and the cure are told", async () => {
  const error = Object.assign(new Error("permission denied"), { code: "EACCES" });
  await expect(listen(failing(error), where)).rejects.toThrow(
    "listen EACCES [::1]:80: permission denied: choose a --port that needs no root, from 1024 on",
  );
});

it("what is unheard of is told as it came", async () => {
  const error = new Error("what is this");
  await expect(listen(failing(error), where)).rejects.toBe(error);
});
