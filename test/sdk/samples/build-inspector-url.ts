import { buildInspectorUrl, type InspectorUrlOptions } from "sandbox-agent";

const options: InspectorUrlOptions = {
  baseUrl: "http://127.0.0.1:2468/",
  token: "a b",
  headers: { "x-mine": "1" },
};
console.log(buildInspectorUrl(options));
console.log(buildInspectorUrl({ baseUrl: "http://127.0.0.1:2468" }));
