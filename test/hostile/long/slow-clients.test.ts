import { expect, it } from "vitest";
import { program } from "../../support/program.ts";
import { attackWithSlowClients, holds, type SlowClientFigure } from "../slow-clients.ts";

function print({ name, value, unit, atLeast, atMost }: SlowClientFigure): void {
  console.log(`${name}: ${value.toFixed(1)} ${unit} (${atLeast} to ${atMost})`);
}

it("slow bodies, rebound pages and many streams leave the daemon to other clients", async () => {
  const figures = await attackWithSlowClients(program, print);
  expect(figures.filter((figure) => !holds(figure)).map(({ name }) => name)).toEqual([]);
});
