// All that the programs use of Node.
declare const process: { env: Record<string, string> };
declare const console: { log(text: string): void };
