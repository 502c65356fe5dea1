// A world for a browser: started before a file's tests, stopped after them.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

const quiet = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];

export const launch = () => chromium.launch({ executablePath: "/usr/bin/chromium", args: quiet });

export async function serve(origin) {
  const name = "browser::serve_for_the_browser";
  const run = ["test", "--locked", "--quiet", "--workspace", "--test", "all", "--", "--ignored", "--exact", name, "--nocapture"];
  const server = spawn("cargo", run, {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, SHOP_ORIGIN: origin },
  });
  const lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
  async function line(beginning) {
    for (;;) {
      const { value, done } = await lines.next();
      assert.ok(!done, "the server ended early");
      if (value.startsWith(beginning)) return value;
    }
  }
  const [, base, key] = (await line("serving ")).split(" ");
  return { server, base, key, line };
}
