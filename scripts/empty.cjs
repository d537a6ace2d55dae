// The executable holds this in place of packages that npm's configuration library looks for and does
// not need here: for workspaces, and node-gyp, which would be looked for in the working directory.
module.exports = {};
