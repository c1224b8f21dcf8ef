// Script and style of the page as they are served: one file each, without what only readers of public/ need. Source maps lead back there.
import { build } from "esbuild";

await build({
  entryPoints: ["app.js", "sw.js", "style.css"].map((name) => `public/${name}`),
  outdir: process.argv[2],
  external: ["./qudao/*"],  // the npm package, served as it is
  bundle: true, minify: true, sourcemap: true, format: "esm", logLevel: "warning",
});
