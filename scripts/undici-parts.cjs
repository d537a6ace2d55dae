// What we use of undici. The executable holds this in place of `undici/index.js`, most of which is for
// other things: the APIs of browsers, caches, tests.
const Dispatcher = require("undici/lib/dispatcher/dispatcher.js");

Object.assign(Dispatcher.prototype, require("undici/lib/api/index.js"));

exports.Pool = require("undici/lib/dispatcher/pool.js");
exports.EnvHttpProxyAgent = require("undici/lib/dispatcher/env-http-proxy-agent.js");
exports.interceptors = { redirect: require("undici/lib/interceptor/redirect.js") };
