import { readFileSync } from "node:fs";
import * as qudao from "qudao";
import { differing } from "./parity.mjs";

const pack = JSON.parse(readFileSync(new URL("cases.json", import.meta.url), "utf8"));
console.log(JSON.stringify({ version: qudao.version(), count: pack.cases.length, differing: await differing(qudao, pack) }));
