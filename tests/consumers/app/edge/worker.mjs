import { differing, differingFrom } from "./parity.mjs";
import policy from "./policy.wasm";
import * as qudao from "./qudao/workerd.js";

export default {
  async fetch(request) {
    const pack = await request.json();
    const oneFile = await qudao.load(policy);
    const sample = pack.cases.filter(({ bundle }) => bundle === pack.sample);
    return Response.json({
      count: pack.cases.length,
      differing: await differing(qudao, pack),
      oneFile: { count: sample.length, differing: differingFrom(oneFile, sample) },
      compiled: await qudao.load(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)).then(
        () => "compiled",
        (error) => error.code,
      ),
    });
  },
};
