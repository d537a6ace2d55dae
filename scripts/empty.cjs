// npm's configuration library looks for node-gyp when it is loaded. In the executable, a package that
// was not bundled would be looked for in the working directory.
module.exports = {};
