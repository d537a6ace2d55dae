import {
  SandboxAgent,
  type PermissionEventData,
  type PermissionReply,
  type PermissionReplyRequest,
  type PermissionStatus,
} from "sandbox-agent";

const client = await SandboxAgent.connect({
  baseUrl: process.env.SANDBOX_URL ?? "",
  token: process.env.SANDBOX_TOKEN,
});

await client.createSession("reply-permission", { agent: "mock" });
await client.postMessage("reply-permission", { message: "permission" });
for await (const event of client.streamEvents("reply-permission")) {
  if (event.type === "permission.requested") {
    const permission = event.data as PermissionEventData;
    const reply: PermissionReply = permission.action === "file_change" ? "reject" : "always";
    const request: PermissionReplyRequest = { reply };
    await client.replyPermission("reply-permission", permission.permission_id, request);
  } else if (event.type === "permission.resolved") {
    const status: PermissionStatus = event.data.status;
    console.log(event.data.action, status);
  } else if (event.type === "turn.ended") {
    break;
  }
}
