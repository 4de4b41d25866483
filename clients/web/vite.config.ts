import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { locales } from "./locales.ts";

// `npm run dev` asks this gateway; without it, the one that `make run` starts.
const gateway = process.env["TICKETONOMICS_GATEWAY_URL"] ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [locales()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: { target: "es2022", assetsInlineLimit: 2048, modulePreload: { polyfill: false } },
  // Proofs are tried with every character changed: that takes a while on a busy machine.
  test: { testTimeout: 60_000 },
  server: { host: "127.0.0.1", proxy: { "/api": gateway } },
});
