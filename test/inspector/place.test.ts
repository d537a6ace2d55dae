import { expect, it } from "vitest";
import { pathTo, type Place, placeOf } from "../../src/inspector/place.ts";

const places: Place[] = [
  { page: "sessions" },
  { page: "new" },
  { page: "agents" },
  { page: "requests" },
  { page: "session", sessionId: "plain" },
  { page: "session", sessionId: "ä b?c#d%2F.js" },
];

it.each(places)("a place is what its path names: $page $sessionId", (place) => {
  expect(placeOf(pathTo(place))).toEqual(place);
});

it.each(["index.html", "sessions/", "sessions", "unknown", ""])(
  "the path %j names the list of sessions",
  (path) => {
    expect(placeOf(path)).toEqual({ page: "sessions" });
  },
);

it("an id that is badly encoded is taken as it is", () => {
  expect(placeOf("sessions/%zz")).toEqual({ page: "session", sessionId: "%zz" });
});
