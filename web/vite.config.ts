import { readFileSync } from "node:fs";
import vue from "@vitejs/plugin-vue";
import { defineConfig, type Plugin } from "vite";

/** The manual of the HTTP interface at /docs, from our own files. */
const manual: Plugin = {
  name: "manual",
  generateBundle() {
    for (const file of ["swagger-ui-bundle.js", "swagger-ui.css"]) {
      const source = readFileSync(`node_modules/swagger-ui-dist/${file}`);
      this.emitFile({ type: "asset", fileName: `manual/${file}`, source });
    }
  },
};

export default defineConfig({
  plugins: [vue(), manual],
  build: {
    outDir: "../src/ridecode/api/web",
    emptyOutDir: true,
    // What BigInt needs, and what the phones of the last six years have.
    target: "es2020",
    // The page's policy allows no data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: { proxy: { "/v1": "http://127.0.0.1:8000", "/docs": "http://127.0.0.1:8000" } },
});
