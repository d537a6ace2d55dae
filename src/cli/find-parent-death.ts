import { ParentDeath } from "../io/parent-death.ts";
import { selfCommand } from "./self.ts";

/** What a daemon's children die by, should it be killed. */
export async function findParentDeath(): Promise<ParentDeath> {
  return await ParentDeath.create({
    path: process.env["PATH"],
    guardian: selfCommand(["guardian"]),
  });
}
