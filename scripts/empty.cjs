// The executable holds this in place of packages that are imported and never used here. npm's
// configuration library imports those for workspaces, and node-gyp, which would be looked for in the
// working directory. pino imports thread-stream for transports.
module.exports = {};
