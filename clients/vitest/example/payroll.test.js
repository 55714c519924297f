import { expect } from "vitest";

import { test } from "ropeway-vitest";

import { employee, signIn } from "./payroll.js";

const PASSWORD = "Summit-2042";

test("an employee signs in and gets in", async ({ tenant }) => {
  const token = await signIn(tenant.authority, await tenant.userName("cloud"), PASSWORD);

  expect(await employee(tenant.authority, token)).toBe(await tenant.userName("cloud"));
});

for (const user of ["mfa", "newmfa", "noconsent"]) {
  test(`who needs a browser is told so: ${user}`, async ({ tenant }) => {
    const signingIn = signIn(tenant.authority, await tenant.userName(user), PASSWORD);

    await expect(signingIn).rejects.toThrow("must sign in with a browser once");
  });
}

test("a wrong password is told as it is", async ({ tenant }) => {
  const signingIn = signIn(tenant.authority, await tenant.userName("cloud"), "Winter-2042");

  await expect(signingIn).rejects.toThrow("AADSTS50126");
});

test("an account that was disabled gets no more tokens", async ({ tenant }) => {
  await tenant.changeUser("cloud", { accountEnabled: false });

  const signingIn = signIn(tenant.authority, await tenant.userName("cloud"), PASSWORD);

  await expect(signingIn).rejects.toThrow("AADSTS50057");
});

test("the API turns away a token of another tenant", async ({ server, tenant }) => {
  const elsewhere = await server.copy();

  expect(await employee(tenant.authority, await tenant.token("cloud"))).toBeTruthy();
  await expect(employee(tenant.authority, await elsewhere.token("cloud"))).rejects.toThrow();
  await elsewhere.drop();
});
