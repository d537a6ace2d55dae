import { z } from "zod";

export const McpCommand = z
  .union([z.string(), z.array(z.string())])
  .meta({ id: "McpCommand", description: "A program, or a program and its first arguments." });
export type McpCommand = z.infer<typeof McpCommand>;

export const McpOAuthConfig = z
  .object({
    clientId: z.string().nullish(),
    clientSecret: z.string().nullish(),
    scope: z.string().nullish(),
  })
  .meta({ id: "McpOAuthConfig" });
export type McpOAuthConfig = z.infer<typeof McpOAuthConfig>;

export const McpOAuthConfigOrDisabled = z
  .union([McpOAuthConfig, z.boolean()])
  .meta({ id: "McpOAuthConfigOrDisabled", description: "`false`: no OAuth." });
export type McpOAuthConfigOrDisabled = z.infer<typeof McpOAuthConfigOrDisabled>;

export const McpRemoteTransport = z.enum(["http", "sse"]).meta({ id: "McpRemoteTransport" });
export type McpRemoteTransport = z.infer<typeof McpRemoteTransport>;

const strings = z.record(z.string(), z.string());
const common = {
  enabled: z.boolean().nullish(),
  timeoutMs: z.int().min(0).nullish().meta({ description: "Milliseconds." }),
};

/** A server of the Model Context Protocol: a program to start, or a place to connect to. */
export const McpServerConfig = z
  .discriminatedUnion("type", [
    z.object({
      type: z.literal("local"),
      command: McpCommand,
      args: z.array(z.string()).optional(),
      env: strings.nullish(),
      cwd: z.string().nullish(),
      ...common,
    }),
    z.object({
      type: z.literal("remote"),
      url: z.string(),
      headers: strings.nullish(),
      bearerTokenEnvVar: z
        .string()
        .nullish()
        .meta({ description: "The variable that holds the bearer token." }),
      envHeaders: strings
        .nullish()
        .meta({ description: "Headers, each by the variable that holds its value." }),
      oauth: McpOAuthConfigOrDisabled.nullish(),
      transport: McpRemoteTransport.nullish(),
      ...common,
    }),
  ])
  .meta({ id: "McpServerConfig", description: "A program to start, or a place to connect to." });
export type McpServerConfig = z.infer<typeof McpServerConfig>;
