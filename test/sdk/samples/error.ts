import { SandboxAgent, SandboxAgentError, type ProblemDetails } from "sandbox-agent";

const client = await SandboxAgent.connect({
  baseUrl: process.env.SANDBOX_URL ?? "",
  token: process.env.SANDBOX_TOKEN,
});

try {
  await client.getEvents("nobody");
} catch (error) {
  if (!(error instanceof SandboxAgentError)) throw error;
  const problem: ProblemDetails | undefined = error.problem;
  console.log(error.name, error.status, error.message, problem?.type, error.response.status);
}
console.log(new SandboxAgentError(502, undefined, new Response()).message);
