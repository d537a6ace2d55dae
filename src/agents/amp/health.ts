import { baseUrl, type Health } from "../health.ts";
import { AMP_SERVER } from "./credentials.ts";

/** How it is with Amp, whose agent loop runs on its server; the oldest is the JavaScript CLI. */
export const ampHealth: Health = {
  proven: { oldest: "0.0.1769425000-g1e5104", newest: "0.0.1790142911-g7618fb" },
  login: "set AMP_API_KEY, or run `amp login`",
  endpoints({ env }) {
    const url = baseUrl(env, "AMP_URL", AMP_SERVER);
    return [
      {
        provider: "amp",
        url,
        variable: "AMP_URL",
        // What the CLI itself asks first (0.0.1790142911).
        keyCall: ({ key }) => ({
          url: `${url}/api/internal?getUserInfo`,
          method: "POST",
          headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
          body: JSON.stringify({ method: "getUserInfo", params: {} }),
        }),
      },
    ];
  },
};
