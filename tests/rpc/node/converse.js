// A conversation with a hub, by the protos alone: node converse.js TARGET TOKEN PROTOS GOOGLE EXCEPTION. Prints what it
// heard as one JSON object.
"use strict";
const grpc = require("@grpc/grpc-js");
const loader = require("@grpc/proto-loader");

const [target, token, protos, google, exception] = process.argv.slice(2);
const files = ["agreements", "exceptions", "exchange", "forecasts", "orders"].map((name) => `cpfr/hub/v1/${name}.proto`);
const definition = loader.loadSync(files, {
  includeDirs: [protos, google], keepCase: true, longs: Number, enums: String, defaults: false,
});
const api = grpc.loadPackageDefinition(definition).cpfr.hub.v1;
const proof = new grpc.Metadata();
proof.set("authorization", `Bearer ${token}`);

function stub(service) {
  return new api[service](target, grpc.credentials.createInsecure());
}

function ask(client, method, request, metadata = proof) {
  return new Promise((resolve, reject) => client[method](
    request, metadata, { deadline: Date.now() + 60000 }, (error, reply) => (error ? reject(error) : resolve(reply))));
}

async function refusal(promise) {
  try {
    await promise;
    return null;
  } catch (error) {
    return { code: error.code, words: error.details, status: error.metadata.get("grpc-status-details-bin").length };
  }
}

function whole(stream) {
  return new Promise((resolve, reject) => {
    const replies = [];
    stream.on("data", (reply) => replies.push(reply));
    stream.on("end", () => resolve(replies));
    stream.on("error", reject);
  });
}

// One promise for each thing to hear on a stream, kept with the first reply that is it; the last one ends the stream.
function hear(stream, things) {
  const heard = things.map(() => ({}));
  const promises = heard.map((one) => new Promise((resolve, reject) => Object.assign(one, { resolve, reject })));
  stream.on("data", (reply) => {
    things.forEach((is, number) => is(reply) && heard[number].resolve(reply));
    if (things[things.length - 1](reply)) stream.cancel();
  });
  stream.on("error", (error) => error.code === grpc.status.CANCELLED || heard.forEach((one) => one.reject(error)));
  return promises;
}

async function main() {
  const [agreements, exceptions, exchange] = ["Agreements", "Exceptions", "Exchange"].map(stub);
  const [forecasts, orders] = ["Forecasts", "Orders"].map(stub);
  const heard = {};
  heard.agreements = (await ask(agreements, "ListAgreements", {})).agreements.map((one) => one.name);
  heard.pages = [];
  for (let page_token = ""; ;) {
    const page = await ask(forecasts, "ListForecasts", { page_size: 2, page_token });
    heard.pages.push(...page.forecasts.map((one) => one.name));
    page_token = page.next_page_token;
    if (!page_token) break;
  }
  const streamed = await whole(forecasts.StreamForecasts({ filter: "measure = MEASURE_CONSENSUS" }, proof));
  heard.consensus = streamed.flatMap((reply) => reply.forecasts).map((one) => one.quantities.length);
  const watched = exceptions.WatchExceptions({}, proof);
  const [alive, changed] = hear(watched, [(reply) => !reply.exception, (reply) => reply.exception]);
  await alive;
  const receipt = await ask(exchange, "SubmitMessage", { content: Buffer.from("from afar"), filename: "afar.edi" });
  heard.message = (await ask(exchange, "GetMessage", { name: receipt.message })).size_bytes;
  heard.large = (await new Promise((resolve, reject) => {
    const large = exchange.SubmitLargeMessage(proof, (error, reply) => (error ? reject(error) : resolve(reply)));
    large.write({ content: Buffer.from("in "), filename: "large.edi" });
    large.end({ content: Buffer.from("pieces") });
  })).size_bytes;
  const before = await ask(exceptions, "GetException", { name: exception });
  const offer = { name: exception, quantity: 12.5, etag: before.etag, comment: "from node" };
  heard.state = (await ask(exceptions, "ProposeException", offer)).state;
  heard.told = (await changed).exception.name;
  heard.stale = await refusal(ask(exceptions, "ProposeException", offer));
  heard.orders = (await ask(orders, "ListOrders", {})).orders.map((one) => one.number);
  heard.unknown = await refusal(ask(orders, "GetOrder", { name: "orders/none" }));
  heard.stranger = await refusal(ask(orders, "ListOrders", {}, new grpc.Metadata()));
  heard.filter = await refusal(ask(orders, "ListOrders", { filter: "colour = red" }));
  console.log(JSON.stringify(heard));
}

main().then(() => process.exit(0), (error) => {
  console.error(error);
  process.exit(1);
});
