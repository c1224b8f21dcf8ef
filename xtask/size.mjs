// Prints the size of the engine as it is, as most servers send it, and as the best do.
import { readFileSync } from "node:fs";
import { brotliCompressSync, gzipSync } from "node:zlib";

const wasm = readFileSync(process.argv[2]);
const kilobytes = (bytes) => `${(bytes.length / 1000).toFixed(1)} KB`;
console.log(`  engine.wasm: ${kilobytes(wasm)} raw, ${kilobytes(gzipSync(wasm, { level: 9 }))} gzip, ${kilobytes(brotliCompressSync(wasm))} brotli`);
