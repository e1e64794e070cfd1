import { defineConfig } from "vitest/config";

// The page runs under a strict Content-Security-Policy: nothing is inlined, and the map's worker is
// a file of our own origin.
export default defineConfig({
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // MapLibre is one indivisible megabyte, cached apart from the page's own code.
    chunkSizeWarningLimit: 1200,
  },
  worker: { format: "es" },
  server: { proxy: { "/api": "http://127.0.0.1:8000" } },
  test: { environment: "node", include: ["tests/**/*.test.ts"] },
});
