// Vitest's globalSetup: starts the server once, for all workers.

import { start } from "./binary.js";
import { Server } from "./server.js";

export default async function setup(project) {
  let running;
  try {
    running = await start();
  } catch (error) {
    // Perhaps no test asks for it; one that does fails with this.
    project.provide("ropeway", { fault: error.message });
    return;
  }
  const { ready, stop } = running;
  const { note } = new Server(ready);
  if (note) console.error(note);
  // Node reads it when it starts, and workers start after this.
  process.env.NODE_EXTRA_CA_CERTS = ready.caFile;
  project.provide("ropeway", ready);
  return stop;
}
