import { reply, text, tool } from "../test/support/model-script.ts";
import { startModelServer } from "../test/support/model-server.ts";

// A model for those who have no key: whatever Claude Code is told, it wants to create hello.txt.
const command = "echo hello > hello.txt";
const { url } = await startModelServer({
  scripts: {
    "": [
      reply([
        text("I will create it."),
        tool("Bash", { command, description: "Create hello.txt" }),
      ]),
      reply("Done."),
    ],
  },
});
console.log(`A scripted model listens on ${url}. Start the daemon with it:

  ANTHROPIC_API_KEY=none ANTHROPIC_BASE_URL=${url} CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 npm start
`);
