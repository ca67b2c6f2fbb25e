// @ts-check
// Why the module could not be started, in words. Each diagnosis but the last is certain.

/** @param {unknown} thrown */
export function whyNotStarted(thrown) {
  const { name, message } = /** @type {any} */ (thrown ?? {});
  if (typeof WebAssembly === "undefined") return "This host has no WebAssembly.";
  // The engine's message names the global that is missing.
  if (thrown instanceof ReferenceError) return `This host lacks a global that this package needs: ${message}.`;
  // Safari throws an EvalError, the others a CompileError that names the policy.
  if (name === "EvalError" || /content.security.policy|\bCSP\b/i.test(message)) {
    return (
      "A Content-Security-Policy forbids WebAssembly here. Add 'wasm-unsafe-eval' to its script-src; in an extension's manifest: " +
      '"content_security_policy": { "extension_pages": "script-src \'self\' \'wasm-unsafe-eval\'" }.'
    );
  }
  if (/disallowed by embedder/.test(message)) {
    return 'This host compiles no WebAssembly at run time. Have its bundler use the export condition "workerd" or "edge-light".';
  }
  return thrown ? `WebAssembly could not be started here (${name}: ${message}).` : "WebAssembly could not be started here.";
}
