// Temporal loads this file by `require`, in the worker's process and inside the bundle of the workflows' sandbox: it has
// to be CommonJS that needs no compiling.
const { DefaultFailureConverter } = require('@temporalio/common');

/** Puts messages and stack traces of failures where the codec encrypts them; it leaves them readable otherwise. */
exports.failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
