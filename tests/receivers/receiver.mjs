import { createServer } from "node:http";
import { Webhook } from "standardwebhooks";
const webhook = new Webhook(process.env.SECRET), seen = new Set();
createServer(async (request, response) => {
  const body = Buffer.concat(await request.toArray()).toString(); // the bytes as they came
  try { webhook.verify(body, request.headers); } catch { return response.writeHead(400).end(); }
  const id = request.headers["webhook-id"]; // the same with every try: keep it in your database
  if (!seen.has(id)) { seen.add(id); console.log("received", id, JSON.parse(body).type ?? ""); }
  response.writeHead(204).end();
}).listen(process.env.PORT, "127.0.0.1");
