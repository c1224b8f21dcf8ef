const { readFileSync } = require("node:fs");
const { join } = require("node:path");
const qudao = require("qudao");
const { differing } = require("./parity.mjs");

const pack = JSON.parse(readFileSync(join(__dirname, "cases.json"), "utf8"));
differing(qudao, pack).then((found) => console.log(JSON.stringify({ version: qudao.version(), count: pack.cases.length, differing: found })));
