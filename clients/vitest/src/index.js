// `test` with a tenant of the test's own: test("…", async ({ tenant }) => { … }).

import { test as base, inject } from "vitest";

import { Server } from "./server.js";
import { Refused, Tenant } from "./tenant.js";

export { Refused, Server, Tenant };

export const test = base.extend({
  // Vitest reads from the braces that it needs nothing.
  server: async ({}, use) => {
    await use(server());
  },
  tenant: async ({}, use) => {
    const tenant = await server().copy();
    await use(tenant);
    await tenant.drop();
  },
});

export const it = test;

/** The server of the whole run. */
export function server() {
  const told = inject("ropeway");
  if (!told) throw new Error('ropeway is not there; vitest.config wants test: { globalSetup: "ropeway-vitest/setup" }');
  if (told.fault) throw new Error(told.fault);
  return new Server(told);
}
