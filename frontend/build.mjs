// Builds what pages load into static_built/: the stylesheet from Sass, and copies of what is served as it comes.
// Each also compressed beside itself, which WhiteNoise hands out where a browser takes it.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { compile } from "sass";

const { css } = compile("frontend/tracker.scss", { style: "compressed", loadPaths: ["node_modules"], quietDeps: true, charset: false });
const built = {
  "tracker.css": css,
  "plotly-basic.min.js": readFileSync("node_modules/plotly.js-basic-dist-min/plotly-basic.min.js"),
  "favicon.svg": readFileSync("frontend/favicon.svg"),
  "kpi.js": readFileSync("frontend/kpi.js"),
  "needs-script.js": readFileSync("frontend/needs-script.js"),
  "passkey.js": readFileSync("frontend/passkey.js"),
};

mkdirSync("static_built", { recursive: true });
for (const [name, content] of Object.entries(built)) {
  writeFileSync(`static_built/${name}`, content);
  writeFileSync(`static_built/${name}.gz`, gzipSync(content, { level: 9 }));
}
