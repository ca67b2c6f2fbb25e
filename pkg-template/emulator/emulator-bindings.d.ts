// The JavaScript that wasm-bindgen generates for emulator/wasm. See there. Answers and callbacks have the types of service.js.

export class Emulator {
  constructor(settings: string, seed: number);
  answer(method: string, url: string, headers: [string, string][], body: Uint8Array, now: number): any;
  answered(ticket: object, status: number): void;
  closedEarly(ticket: object): void;
  dueCallbacks(now: number): any[];
  nextEnd(): number | undefined;
  callbackTried(callback: object, status: number | undefined): void;
}

export function __wbg_set_wasm(exports: WebAssembly.Exports): void;
