/**
 * A document of 450 characters with all that a renderer of Markdown should know, in the pieces in
 * which it is streamed. They are cut where a renderer of unfinished text is most likely to fail:
 * inside emphasis, a list number, the language of a code block and a table row.
 */
export const markdownChunks: readonly string[] = [
  "# Mock document\n\n**bo",
  "ld**, *ita",
  "lic*, ***bold-",
  "italic***, ~~struck o",
  "ut~~\nand some `inline code`.\n\n## Lists\n\n- first\n  - nested\n- second, a longer line\n\n1. open\n2",
  ". close\n\n> A quote of one single line.\n\n## Code in a block\n\n```t",
  "s\nconst answer: number = 6 * 7;\nconsole.log(answer);\n```\n\n## Table\n\n| Name | Count |\n| :--- | ----: |\n| cranberries | ",
  "12 |\n| pears | 3 |\n\n## Link\n\nSee [the example](https://example.com/docs).\n\n---\n\nThat is all there is to show.",
];
