// Prints what Adobe's validator of search engines' demands finds in {"address": {"@graph": […]}}, read from a file.
import { readFileSync } from "node:fs";
import Validator from "@adobe/structured-data-validator";

const found = [];
for (const [address, linked] of Object.entries(JSON.parse(readFileSync(process.argv[2], "utf8")))) {
  const jsonld = Object.fromEntries(linked["@graph"].map((thing) => [thing["@type"], [thing]]));
  for (const issue of await new Validator().validate({ jsonld })) {
    found.push(`${address}: ${issue.issueMessage} ${JSON.stringify(issue.path)}`);
  }
}
console.log(JSON.stringify(found));
