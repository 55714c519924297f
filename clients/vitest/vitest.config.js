import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    globalSetup: "./src/setup.js",
    include: ["tests/**/*.test.js"],
    // A test that starts Vitest itself waits for the start of another server.
    testTimeout: 120_000,
  },
});
