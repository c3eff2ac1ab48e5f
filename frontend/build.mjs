// Builds what pages load into static_built/: the stylesheet from Sass, and copies of what is served as it comes.
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { compile } from "sass";

const built = "static_built";
mkdirSync(built, { recursive: true });

// Without a mark for its character set the stylesheet is read in the page's, which is UTF-8 too; Sass would add three bytes for it.
const { css } = compile("frontend/tracker.scss", { style: "compressed", loadPaths: ["node_modules"], quietDeps: true, charset: false });
writeFileSync(`${built}/tracker.css`, css);
copyFileSync("node_modules/plotly.js-basic-dist-min/plotly-basic.min.js", `${built}/plotly-basic.min.js`);
copyFileSync("frontend/favicon.svg", `${built}/favicon.svg`);
