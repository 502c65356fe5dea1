// The page that describes the API: embedded, and asking nobody but the process that serves it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, serve } from "./server.mjs";

let browser, world;

before(async () => {
  world = await serve("https://example.com");
  browser = await launch();
});

after(async () => {
  await browser?.close();
  world?.server.stdin.end();
});

test("the_description_is_read_here_and_asks_nobody_else", async () => {
  const page = await browser.newPage();
  const asked = [];
  const complaints = [];
  page.on("request", (request) => asked.push(new URL(request.url())));
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  await page.goto(`${world.base}docs`);
  await page.getByRole("heading", { name: "Countersign", exact: true }).first().waitFor();
  await page.getByText("Create a data session").first().waitFor();
  const elsewhere = asked.filter((url) => url.protocol !== "data:" && url.protocol !== "blob:")
    .filter((url) => url.origin !== new URL(world.base).origin);
  assert.deepEqual(elsewhere.map(String), []);
  // The browser asks for an icon by itself; nothing else may be missing or forbidden.
  assert.deepEqual(complaints.filter((text) => !text.includes("404")), []);
  const document = await (await fetch(`${world.base}openapi.yaml`)).text();
  assert.match(document, /^openapi: 3\.1\.0$/m);
});
