import { z } from "zod";

/** The answer to `GET /v1/health`. */
export const HealthResponse = z.object({ status: z.string() }).meta({ id: "HealthResponse" });
export type HealthResponse = z.infer<typeof HealthResponse>;
