// A real browser walks the person's pages at phone size, once with scripts switched off to show
// that nothing needs one, once with them on to hear what the browser complains about.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { launch, serve } from "./server.mjs";

const phone = { width: 390, height: 844 };
let browser, server, line, base, key, shop, origin, references = 0;

before(async () => {
  shop = createServer((_, answer) => answer.setHeader("content-type", "text/html")
    .end('<link rel="icon" href="data:,"><title>shop</title><h1>The shop</h1>'));
  await new Promise((listening) => shop.listen(0, "localhost", listening));
  origin = `http://localhost:${shop.address().port}`;
  ({ server, base, key, line } = await serve(origin));
  browser = await launch();
});

after(async () => {
  await browser?.close();
  server?.stdin.end();
  shop?.close();
  shop?.closeAllConnections();
});

async function session() {
  const answer = await fetch(`${base}api/service/data/session/create`, {
    method: "POST",
    headers: { "X-Ivy-Api-Key": key, "Content-Type": "application/json" },
    body: JSON.stringify({
      referenceId: `browser-${references++}`,
      permissions: ["identity"],
      market: "DE",
      externalUser: { email: "john.doe@example.com" },
      successCallbackUrl: `${origin}/callback/success`,
      errorCallbackUrl: `${origin}/callback/error`,
    }),
  });
  assert.equal(answer.status, 200);
  return answer.json();
}

async function status(id) {
  const answer = await fetch(`${base}api/service/data/session/details`, {
    method: "POST",
    headers: { "X-Ivy-Api-Key": key },
    body: JSON.stringify({ id }),
  });
  return (await answer.json()).status;
}

// A page that remembers every complaint.
async function visit(options) {
  const context = await browser.newContext({ viewport: phone, locale: "en-GB", ...options });
  const page = await context.newPage();
  const complaints = [];
  page.on("console", (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("requestfailed", (request) => complaints.push(`failed: ${request.url()}`));
  return { context, page, complaints };
}

for (const javaScriptEnabled of [false, true]) {
  const scripts = javaScriptEnabled ? "on" : "off";

  test(`a person proves who they are, scripts ${scripts}`, async () => {
    const { context, page, complaints } = await visit({ javaScriptEnabled });
    const { id, redirectUrl } = await session();
    await page.goto(redirectUrl);
    await page.getByRole("searchbox").fill("spark");
    await page.getByRole("button", { name: "Search" }).click();
    assert.equal(await page.getByRole("button", { name: /^Sandbox Bank/ }).count(), 0);
    await page.getByRole("button", { name: /Sparkasse/ }).waitFor();
    await page.getByRole("searchbox").fill("");
    await page.getByRole("button", { name: "Search" }).click();
    const wide = await page.locator("body").evaluate?.((body) => body.scrollWidth).catch(() => 0);
    assert.ok(!wide || wide <= phone.width, "nothing is wider than the phone");
    await page.getByRole("button", { name: /^Sandbox Bank/ }).click();
    await page.getByText("this is not a real bank").waitFor();
    await page.getByRole("button", { name: /^john-doe/ }).click();
    await page.getByRole("button", { name: "Allow" }).click();
    await page.waitForURL(`${origin}/callback/success`);
    assert.equal(await status(id), "complete");
    const cookies = await context.cookies(base);
    assert.ok(cookies.length > 0 && cookies.every((cookie) => cookie.httpOnly), "cookies are HttpOnly");
    assert.deepEqual(complaints, []);
    await context.close();
  });

  test(`a person cancels and may start again, scripts ${scripts}`, async () => {
    const { context, page, complaints } = await visit({ javaScriptEnabled });
    const { id, redirectUrl } = await session();
    await page.goto(redirectUrl);
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.waitForURL(`${origin}/callback/error`);
    assert.equal(await status(id), "failed");
    await page.goto(redirectUrl);
    await page.getByRole("button", { name: "Start again" }).click();
    await page.getByRole("searchbox").waitFor();
    assert.deepEqual(complaints, []);
    await context.close();
  });
}

test("what a person leaves out stays left out, also after a search", async () => {
  const { context, page, complaints } = await visit({ javaScriptEnabled: false });
  const headers = { "X-Api-Key": key };
  const body = JSON.stringify({ scope: "names email bank_account", callback: `${origin}/done` });
  const created = await fetch(`${base}auth/v2/session/`, { method: "POST", headers, body });
  const { session_id, url } = await created.json();
  await page.goto(url);
  await page.getByRole("checkbox", { name: /e-mail/ }).uncheck();
  await page.getByRole("searchbox").fill("sandbox");
  await page.getByRole("searchbox").press("Enter");
  await page.waitForURL(/keep=/);
  assert.equal(await page.getByRole("checkbox", { name: /e-mail/ }).isChecked(), false);
  assert.equal(await page.getByRole("checkbox", { name: /name/ }).first().isChecked(), true);
  await page.getByRole("button", { name: /^Sandbox Bank/ }).click();
  await page.getByRole("button", { name: /^john-doe/ }).click();
  await page.getByRole("button", { name: "Allow" }).click();
  await page.waitForURL(`${origin}/done`);
  const decision = await fetch(`${base}auth/v2/session/${session_id}/decision/`, { headers });
  assert.equal((await decision.json()).scope, "names bank_account");
  assert.deepEqual(complaints, []);
  await context.close();
});

test("a person who speaks German reads German", async () => {
  const { context, page, complaints } = await visit({ locale: "de-DE" });
  const { redirectUrl } = await session();
  await page.goto(redirectUrl);
  await page.getByRole("heading", { level: 1, name: /Bank/ }).waitFor();
  assert.equal(await page.locator("html").getAttribute("lang"), "de");
  await page.getByRole("button", { name: "Abbrechen" }).waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});

test("an expired link and a wrong one say so", async () => {
  const { context, page, complaints } = await visit();
  const { id, redirectUrl } = await session();
  server.stdin.write("advance 3700\n");
  await line("advanced");
  await page.goto(redirectUrl);
  await page.getByRole("heading", { name: "This link has expired" }).waitFor();
  assert.equal(await status(id), "expired");
  await page.getByRole("link", { name: /Example Shop/ }).click();
  await page.waitForURL(`${origin}/callback/error`);
  assert.deepEqual(complaints, []);
  await page.goto(`${base}link/nothing`);
  await page.getByRole("heading", { name: "This link leads nowhere" }).waitFor();
  await context.close();
});
