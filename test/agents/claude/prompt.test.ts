import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toUserContent } from "../../../src/agents/claude/prompt.ts";
import { userItem } from "../../../src/agents/user-message.ts";

let folder: string;
const file = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sa-"));
  for (const name of ["a.png", "b.JPEG", "c.bin", "d.txt"]) await writeFile(file(name), name);
});

afterAll(() => rm(folder, { recursive: true }));

function image(media_type: string, content: string) {
  const data = Buffer.from(content).toString("base64");
  return { type: "image", source: { type: "base64", media_type, data } };
}

describe("a message", () => {
  it("without files is its text", async () => {
    const prompt = { text: "Hi", attachments: [] };
    expect(await toUserContent(prompt)).toBe("Hi");
    expect(userItem("user_1", prompt)).toEqual({
      nativeId: "user_1",
      kind: "message",
      role: "user",
      content: [{ type: "text", text: "Hi" }],
      status: "completed",
    });
  });

  it("with images hands them over as such, by their name or their declared type", async () => {
    const attachments = [
      { path: file("a.png") },
      { path: file("b.JPEG") },
      { path: file("c.bin"), mime: "image/webp" },
    ];
    expect(await toUserContent({ text: "Look", attachments })).toEqual([
      image("image/png", "a.png"),
      image("image/jpeg", "b.JPEG"),
      image("image/webp", "c.bin"),
      { type: "text", text: "Look" },
    ]);
    expect(userItem("user_1", { text: "Look", attachments }).content).toEqual([
      { type: "text", text: "Look" },
      { type: "image", path: file("a.png"), mime: "image/png" },
      { type: "image", path: file("b.JPEG"), mime: "image/jpeg" },
      { type: "image", path: file("c.bin"), mime: "image/webp" },
    ]);
  });

  it("names other files in its text", async () => {
    const attachments = [{ path: file("d.txt") }, { path: file("a.png"), mime: "application/pdf" }];
    const text = `Read\n\nAttachments:\n- ${file("d.txt")}\n- ${file("a.png")}\n`;
    expect(await toUserContent({ text: "Read", attachments })).toBe(text);
    expect(userItem("user_1", { text: "Read", attachments }).content).toEqual([
      { type: "text", text },
    ]);
  });

  it("names an image that cannot be read like any other file", async () => {
    const attachments = [{ path: file("gone.png") }];
    expect(await toUserContent({ text: "Look", attachments })).toBe(
      `Look\n\nAttachments:\n- ${file("gone.png")}\n`,
    );
  });
});
