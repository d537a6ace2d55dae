import { readSession } from "../read-session.js";

globalThis.readSession = readSession;
