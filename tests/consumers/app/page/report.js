import { differing, differingFrom } from "../parity.mjs";

/** Writes into the page what differs from the native answers, with the package's engine and with the one inside policy.wasm. */
export async function report(qudao) {
  const output = document.querySelector("output");
  try {
    const pack = await (await fetch("/cases.json")).json();
    const oneFile = await qudao.load(await fetch("/policy.wasm"));
    const sample = pack.cases.filter(({ bundle }) => bundle === pack.sample);
    output.textContent = JSON.stringify({
      count: pack.cases.length,
      differing: await differing(qudao, pack),
      oneFile: { count: sample.length, differing: differingFrom(oneFile, sample) },
    });
  } catch (error) {
    output.textContent = JSON.stringify({ code: error.code, message: error.message });
  }
  output.dataset.done = "";
}
