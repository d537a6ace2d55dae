#!/usr/bin/env node
// A fast replacement for Claude Code. Renders its output beforehand.
// - `deltas N` prints N text deltas of 27 characters as fast as they are taken.
// - `paced N` prints one delta a millisecond, each with the time at which it was printed.
// - `steady N` prints 5,000 deltas a second, in paragraphs.
// - `pieces N` prints a text of N bytes in deltas of 16 KiB.
// - `whole N` prints a text of N bytes in one line, without deltas.
// A last word `xM` repeats the message M times within the turn.
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

const args = process.argv.slice(2);
const session_id = "11111111-2222-4333-8444-555555555555";
const BLOCK_BYTES = 65_536;
let messages = 0;

const line = (value) => `${JSON.stringify(value)}\n`;
const streamed = (event, id) =>
  line({
    type: "stream_event",
    event,
    session_id,
    parent_tool_use_id: null,
    uuid: "81a47167-f724-4e01-b956-70e4fcad643b",
    api_message_id: id,
  });
const delta = (text, id) =>
  streamed({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text } }, id);

async function print(data) {
  if (!process.stdout.write(data)) await once(process.stdout, "drain");
}

/** Prints the deltas and gives the text that they add up to. */
async function flood(count, id) {
  const text = "twenty-seven characters ... ".slice(1);
  const one = delta(text, id);
  const perBlock = Math.floor(BLOCK_BYTES / one.length);
  const block = Buffer.from(one.repeat(perBlock));
  let left = count;
  for (; left >= perBlock; left -= perBlock) await print(block);
  await print(one.repeat(left));
  return text.repeat(count);
}

async function pace(count, id) {
  let all = "";
  for (let n = 0; n < count; n++) {
    const text = `t=${Math.round((performance.timeOrigin + performance.now()) * 1000)} `;
    all += text;
    await print(delta(text, id));
    await sleep(1);
  }
  return all;
}

const PER_SECOND = 5000;

async function steady(count, id) {
  const words = delta("twenty-seven characters ... ".slice(1), id);
  const end = delta("\n\nThe next paragraph of it ", id);
  const begun = performance.now();
  let all = "";
  for (let n = 0; n < count;) {
    const due = Math.min(count, Math.floor(((performance.now() - begun) / 1000) * PER_SECOND));
    let block = "";
    for (; n < due; n++) {
      const isEnd = n % 20 === 0;
      block += isEnd ? end : words;
      all += isEnd ? "\n\nThe next paragraph of it " : "twenty-seven characters ... ".slice(1);
    }
    await print(block);
    await sleep(4);
  }
  return all;
}

const PIECE_BYTES = 16 * 1024;

async function pieces(bytes, id) {
  const one = delta("p".repeat(PIECE_BYTES), id);
  const count = Math.ceil(bytes / PIECE_BYTES);
  for (let n = 0; n < count; n++) await print(one);
  return "p".repeat(PIECE_BYTES * count);
}

async function whole(bytes) {
  return "w".repeat(bytes);
}

/** Prints a message: its start, its text and its end. */
async function say(kind, count) {
  const id = `msg_${++messages}`;
  const message = { id, type: "message", role: "assistant", model: "stand-in", content: [] };
  const begin = {
    type: "content_block_start",
    index: 0,
    content_block: { type: "text", text: "" },
  };
  await print(streamed({ type: "message_start", message }, id) + streamed(begin, id));
  const says = { paced: pace, steady, pieces, whole }[kind] ?? flood;
  const text = await says(count, id);
  const completed = { ...message, content: [{ type: "text", text }] };
  await print(
    line({ type: "assistant", message: completed, parent_tool_use_id: null, session_id }) +
      streamed({ type: "content_block_stop", index: 0 }, id) +
      streamed({ type: "message_delta", delta: { stop_reason: "end_turn" } }, id) +
      streamed({ type: "message_stop" }, id),
  );
}

async function answer(prompt, uuid) {
  const [, kind, count = "1", times = "1"] =
    /(deltas|paced|steady|pieces|whole) (\d+)(?: x(\d+))?/.exec(prompt) ?? [];
  const lifecycle = (state) =>
    uuid ? line({ type: "command_lifecycle", command_uuid: uuid, state, session_id }) : "";
  const init = { type: "system", subtype: "init", session_id, model: "stand-in", tools: [] };
  const result = { type: "result", subtype: "success", is_error: false, result: "", num_turns: 1 };
  await print(
    lifecycle("queued") + lifecycle("started") + line({ ...init, permissionMode: "default" }),
  );
  for (let n = 0; n < Number(times); n++) await say(kind, Number(count));
  await print(line({ ...result, stop_reason: "end_turn", session_id }) + lifecycle("completed"));
}

if (args.includes("--version")) {
  process.stdout.write("2.1.330 (Claude Code)\n");
} else if (args.join(" ").includes("--input-format")) {
  for await (const text of createInterface({ input: process.stdin })) {
    const { type, request_id, message, uuid } = JSON.parse(text);
    const response = { subtype: "success", request_id, response: { models: [] } };
    if (type === "control_request") await print(line({ type: "control_response", response }));
    else if (type === "user") await answer(JSON.stringify(message.content), uuid);
  }
} else {
  // A process for each message, which is its last argument.
  await answer(args.at(-1) ?? "", undefined);
}
