// node helper.mjs ADDRESS: asks nucliactl for the headers of an address. No key stands here.
import { execFileSync } from "node:child_process";

const uri = process.argv[2];
const input = JSON.stringify({ uri });
const { headers } = JSON.parse(execFileSync("nucliactl", ["auth", "helper", "get"], { input }));
const pairs = Object.entries(headers).flatMap(([name, values]) => values.map((value) => [name, value]));
// A redirect would take the headers along, to wherever it leads.
const answer = await fetch(uri, { headers: pairs, redirect: "error" });
console.log(answer.status, await answer.text());
