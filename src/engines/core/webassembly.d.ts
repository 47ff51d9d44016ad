/** The part of WebAssembly's JavaScript API that is used here: TypeScript declares it only together with the browser. */
declare namespace WebAssembly {
  type Module = object;
  interface Memory {
    readonly buffer: SharedArrayBuffer;
    grow(pages: number): number;
  }
  interface Instance {
    readonly exports: unknown;
  }
  const Module: new (bytes: Uint8Array) => Module;
  const Memory: new (limits: { initial: number; maximum: number; shared: true }) => Memory;
  const Instance: new (module: Module, imports: { env: { memory: Memory } }) => Instance;
}
