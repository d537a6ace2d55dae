import hljs from "highlight.js/lib/core";
import bash from "highlight.js/lib/languages/bash";
import css from "highlight.js/lib/languages/css";
import diff from "highlight.js/lib/languages/diff";
import go from "highlight.js/lib/languages/go";
import json from "highlight.js/lib/languages/json";
import python from "highlight.js/lib/languages/python";
import rust from "highlight.js/lib/languages/rust";
import sql from "highlight.js/lib/languages/sql";
import typescript from "highlight.js/lib/languages/typescript";
import xml from "highlight.js/lib/languages/xml";
import yaml from "highlight.js/lib/languages/yaml";

const languages = { bash, css, diff, go, json, python, rust, sql, typescript, xml, yaml };
for (const [name, language] of Object.entries(languages)) hljs.registerLanguage(name, language);
hljs.registerAliases(["js", "javascript", "jsx", "tsx", "mjs"], { languageName: "typescript" });

/** Colouring more than this would be felt. */
const LONGEST = 20_000;

/** Code as HTML, coloured where its language is known. */
export function highlighted(code: string, language: string): string {
  const known = code.length <= LONGEST && hljs.getLanguage(language) ? language : undefined;
  if (known !== undefined) return hljs.highlight(code, { language: known }).value;
  return code.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
