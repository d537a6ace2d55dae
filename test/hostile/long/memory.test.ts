import { expect, it } from "vitest";
import { program } from "../../support/program.ts";
import { formatFigure, measureMemory } from "../memory.ts";

it("clients and large messages leave memory within its bounds", async () => {
  const onFigure = (figure: Parameters<typeof formatFigure>[0]) =>
    console.log(formatFigure(figure));
  const figures = await measureMemory(program, { onFigure });
  expect(figures.filter(({ holds }) => !holds).map(({ name }) => name)).toEqual([]);
});
