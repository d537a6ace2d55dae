import { randomBytes } from "node:crypto";
import { resolve } from "node:path";
import { text } from "node:stream/consumers";
import { z } from "zod";
import type { Agent } from "../../agents/agent.ts";
import { Secrets } from "../../credentials/secrets.ts";
import type { TurnStatus, UniversalEvent } from "../../schema/event.ts";
import type { MessageRequest } from "../../schema/message.ts";
import type { SessionHandle } from "../../sdk/session-handle.ts";
import { type Answerer, AskedAnswers, GivenAnswers } from "../answers.ts";
import { connect } from "../client.ts";
import { type Daemon, type DaemonOptions, withDaemon } from "../daemon.ts";
import { defaultEventBuffer } from "../event-buffer-size.ts";
import { getAgent } from "../get-agent.ts";
import { InstallSchema } from "../install-schema.ts";
import { Interruption } from "../interruption.ts";
import { createLog } from "../log.ts";
import { jsonLine } from "../output.ts";
import { createStyle } from "../render/style.ts";
import { Transcript } from "../render/transcript.ts";
import { Screen } from "../screen.ts";
import { SessionOptions, toSessionRequest } from "../session-options.ts";
import { showInstall } from "../show-install.ts";
import { sweep } from "../sweep.ts";

const HOST = "127.0.0.1";
const FAILED = 1;
/** Bytes that are enough for a single session. */
const MAX_EVENT_BUFFER = 256 * 2 ** 20;

const Options = InstallSchema.extend(SessionOptions.shape).extend({
  directory: z.string().default("."),
  attach: z.array(z.string()).default([]),
  permissions: z.enum(["ask", "allow", "reject"]).optional(),
  answer: z.array(z.string()).default([]),
  json: z.boolean().default(false),
  verbose: z.boolean().default(false),
});
type Options = z.infer<typeof Options>;

/** `sandbox-agent run [prompt]`: one turn of an agent, with a daemon of its own; gives the exit code. */
export async function runTurn(prompt: string | undefined, given: unknown): Promise<number> {
  const options = Options.parse(given);
  const agent = getAgent(options.agent);
  const message = prompt === undefined || prompt === "-" ? await text(process.stdin) : prompt;
  const attachments = options.attach.map((path) => ({ path: resolve(path) }));
  const interruption = new Interruption();
  const token = randomBytes(32).toString("base64url");
  const secrets = new Secrets({ ...process.env, SANDBOX_AGENT_TOKEN: token });
  const { logger, dropped } = await createLog({
    level: options.verbose ? "info" : "silent",
    redactor: secrets.log,
  });
  const started = { ...daemonOptions(options, token), logger, droppedLogLines: dropped, secrets };
  await sweep(logger);
  return await withDaemon(started, async (daemon) => {
    try {
      const opened = openSession(daemon, { agent, options, token });
      const session = await interruption.cutShort(opened);
      if (!session) return interruption.exitCode;
      return await new Turn(session, options, interruption).run({ message, attachments });
    } catch (error) {
      // A terminal that is closed cannot be written to either.
      if (interruption.signal.aborted) return interruption.exitCode;
      throw error;
    } finally {
      await daemon.stop();
    }
  });
}

function daemonOptions(
  options: Options,
  token: string,
): Omit<DaemonOptions, "logger" | "droppedLogLines" | "secrets"> {
  return {
    install: options,
    eventBuffer: Math.min(MAX_EVENT_BUFFER, defaultEventBuffer()),
    agentIdle: 0,
    auth: { token },
    bindHost: HOST,
    allowedHosts: [],
    cors: { origins: [], methods: undefined, headers: undefined, credentials: false },
  };
}

interface Opening {
  agent: Agent;
  options: Options;
  token: string;
}

/** Installs the agent where it is missing, and opens a session of it. */
async function openSession(
  { app, installer }: Daemon,
  { agent, options, token }: Opening,
): Promise<SessionHandle> {
  const { id, recipe } = agent;
  if (recipe) await showInstall(installer, id, () => installer.ensure(id, recipe));
  const endpoint = await app.listen({ host: HOST, port: 0 });
  const client = await connect({ endpoint, token });
  const directory = resolve(options.directory);
  return await client.openSession({ ...toSessionRequest(options), directory });
}

/** One turn, shown as it goes on. */
class Turn {
  readonly #session: SessionHandle;
  readonly #interruption: Interruption;
  readonly #screen = new Screen();
  readonly #render: (event: UniversalEvent) => string;
  readonly #answerer: Answerer;

  constructor(session: SessionHandle, options: Options, interruption: Interruption) {
    const { json, answer } = options;
    const policy = options.permissions ?? (isTerminal() && !json ? "ask" : "reject");
    const style = createStyle(process.stdout);
    const transcript = new Transcript(style, { sent: false, requests: policy !== "ask" });
    this.#session = session;
    this.#interruption = interruption;
    this.#render = (event) => (json ? jsonLine(event) : transcript.render(event));
    this.#answerer =
      policy === "ask"
        ? new AskedAnswers(this.#screen, transcript, style)
        : new GivenAnswers(policy === "allow" ? "once" : "reject", answer);
  }

  /** Gives the exit code. */
  async run(message: MessageRequest): Promise<number> {
    const { signal } = this.#interruption;
    signal.addEventListener("abort", () => void this.#interrupt());
    await this.#showNotices();
    const events = this.#session.prompt(message, {
      onPermission: (request, signal) => this.#answerer.permission(request, signal),
      onQuestion: (request, signal) => this.#answerer.question(request, signal),
    });
    let status: TurnStatus = "failed";
    for await (const event of events) {
      await this.#screen.write(this.#render(event));
      if (event.type === "turn.ended") ({ status } = event.data.metadata);
      // What was interrupted before there was a turn is interrupted now.
      if (event.type === "turn.started" && signal.aborted) await this.#interrupt();
    }
    await this.#screen.settled();
    if (signal.aborted && status !== "completed") return this.#interruption.exitCode;
    return status === "completed" ? 0 : FAILED;
  }

  /** Shows the items before the turn, such as the list of ignored settings. */
  async #showNotices(): Promise<void> {
    const { events } = await this.#session.getEvents();
    for (const event of events) {
      if (event.type.startsWith("item.")) await this.#screen.write(this.#render(event));
    }
  }

  async #interrupt(): Promise<void> {
    // Where that fails the daemon is ending, and the turn with it.
    await this.#session.interrupt().catch(() => undefined);
  }
}

/** Whether somebody sits there who can be asked. */
function isTerminal(): boolean {
  return process.stdin.isTTY && process.stdout.isTTY;
}
