// Reads as much of a WebAssembly module as it takes to say what takes its bytes.

const SECTIONS = ["custom", "types", "imports", "functions", "tables", "memory", "globals", "exports", "start", "elements", "code", "data", "data count"];

/** @param {Buffer} module @returns {{ id: number, name: string, bytes: Buffer }[]} */
export function sections(module) {
  const reader = new Reader(module.subarray(8));
  const found = [];
  while (reader.more()) {
    const id = reader.byte();
    const bytes = reader.bytes(reader.number());
    const custom = new Reader(bytes);
    found.push({ id, name: id === 0 ? custom.text() : SECTIONS[id], bytes: id === 0 ? custom.rest() : bytes });
  }
  return found;
}

/** The functions that a module with a name section defines. @param {Buffer} module @returns {{ name: string, size: number }[]} */
export function functions(module) {
  const all = sections(module);
  const imported = imports(module).filter(({ kind }) => kind === 0).length;
  const names = functionNames(all.find(({ name }) => name === "name").bytes);
  const code = new Reader(all.find(({ name }) => name === "code").bytes);
  return Array.from({ length: code.number() }, (_, index) => {
    const size = code.number();
    code.bytes(size);
    return { name: names.get(imported + index) ?? "", size };
  });
}

/** What a module imports, in its order. @param {Buffer} module */
export function imports(module) {
  const reader = new Reader(sections(module).find(({ name }) => name === "imports").bytes);
  const limits = () => (reader.byte() & 1 ? [reader.number(), reader.number()] : [reader.number()]);
  const describe = [() => reader.number(), () => [reader.byte(), limits()], limits, () => [reader.byte(), reader.byte()]];
  return Array.from({ length: reader.number() }, () => {
    const from = reader.text();
    const name = reader.text();
    const kind = reader.byte();
    describe[kind]();
    return { from, name, kind };
  });
}

/** What a module exports, in its order. @param {Buffer} module */
export function exports(module) {
  const reader = new Reader(sections(module).find(({ name }) => name === "exports").bytes);
  return Array.from({ length: reader.number() }, () => ({ name: reader.text(), kind: reader.byte(), index: reader.number() }));
}

function functionNames(bytes) {
  const reader = new Reader(bytes);
  while (reader.more()) {
    const id = reader.byte();
    const part = new Reader(reader.bytes(reader.number()));
    if (id === 1) return new Map(Array.from({ length: part.number() }, () => [part.number(), part.text()]));
  }
  throw new Error("the module names no functions");
}

class Reader {
  constructor(all) {
    this.all = all;
    this.at = 0;
  }
  more() {
    return this.at < this.all.length;
  }
  byte() {
    return this.all[this.at++];
  }
  bytes(length) {
    return this.all.subarray(this.at, (this.at += length));
  }
  rest() {
    return this.all.subarray(this.at);
  }
  text() {
    return this.bytes(this.number()).toString();
  }
  /** An unsigned LEB128. */
  number() {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const next = this.byte();
      value += (next & 127) * factor;
      if (next < 128) return value;
    }
  }
}
