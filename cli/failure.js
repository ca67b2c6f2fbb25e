// @ts-check
// The reasons to end the program early: a message for people and the exit code.

export const EXIT = { ok: 0, failed: 1, usage: 2, account: 3, interrupted: 130 };

export class Failure extends Error {
  /** @param {string} message @param {number} [exitCode] */
  constructor(message, exitCode = EXIT.usage) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** The error of the operating system in words. @param {any} error */
export function reason(error) {
  /** @type {Record<string, string>} */
  const words = {
    ENOSPC: "no space left on the disk",
    EDQUOT: "the disk quota is used up",
    EFBIG: "the file would become too large",
    ENOENT: "there is no such file or folder",
    EACCES: "permission denied",
    EPERM: "permission denied",
    EISDIR: "it is a folder",
    ENOTDIR: "a part of the path is not a folder",
    EEXIST: "it exists",
    EROFS: "the disk is read-only",
  };
  return words[error?.code] ? `${words[error.code]} (${error.code})` : (error?.message ?? String(error));
}
