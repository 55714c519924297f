import { defineConfig } from "vitest/config";

export default defineConfig({ test: { globalSetup: "ropeway-vitest/setup" } });
