// The executable holds this in place of packages that are imported and never used here. npm's
// configuration library imports those for workspaces, and node-gyp, which would be looked for in the
// working directory. pino imports thread-stream for transports, Fastify a parser of proxies' addresses, and
// prom-client a client of OpenTelemetry and the quantiles of summaries.
module.exports = {};
