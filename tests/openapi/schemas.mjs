// Compile every schema of a document with Ajv and every pattern as JavaScript does: node schemas.mjs openapi.json
//
// Prints {"schemas": how many, "faults": [{"where", "message"}]}. Patterns are compiled with the flag u, as JSON Schema
// wants it. strictTypes lets a type be a list, because that is how JSON Schema 2020-12 says that null is allowed;
// strictRequired stays off, because `required` may stand beside the `$ref` that declares the properties.
import { readFileSync } from "node:fs";
import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

const OF_OPENAPI = ["discriminator", "xml", "externalDocs", "example"]; // its base vocabulary adds these to JSON Schema
const METHODS = ["get", "put", "post", "patch", "delete"];
const document = JSON.parse(readFileSync(process.argv[2], "utf8"));
const $defs = moved(document.components?.schemas ?? {});
const ajv = new Ajv2020({ strict: true, strictTypes: true, strictTuple: true, allowUnionTypes: true });
addFormats.default(ajv);
ajv.addVocabulary(OF_OPENAPI);
ajv.addSchema({ $id: "components", $defs }); // each of them is compiled once, whatever refers to it
const faults = [];
let schemas = 0;

// what the components have
for (const name of Object.keys($defs)) compile(`#/components/schemas/${name}`, { $ref: `components#/$defs/${name}` });
visitParts("#/components", document.components ?? {});

// what stands in the operations
for (const [path, item] of Object.entries(document.paths)) {
  (item.parameters ?? []).forEach((each, n) => visitParameter(`#/paths/${path}/parameters/${n}`, each));
  for (const method of METHODS.filter((name) => name in item)) visitOperation(`#/paths/${path}/${method}`, item[method]);
}

for (const [where, pattern] of patterns("#", document)) {
  try {
    new RegExp(pattern, "u");
  } catch (error) {
    faults.push({ where, message: error.message });
  }
}
console.log(JSON.stringify({ schemas, faults }));

function visitOperation(where, operation) {
  (operation.parameters ?? []).forEach((each, n) => visitParameter(`${where}/parameters/${n}`, each));
  visitContent(`${where}/requestBody`, operation.requestBody?.content);
  for (const [status, response] of Object.entries(operation.responses)) visitResponse(`${where}/${status}`, response);
}

function visitParts(where, { parameters, headers, requestBodies, responses }) {
  for (const [name, each] of Object.entries({ ...parameters, ...headers })) visitParameter(`${where}/${name}`, each);
  for (const [name, each] of Object.entries(requestBodies ?? {})) visitContent(`${where}/${name}`, each.content);
  for (const [name, each] of Object.entries(responses ?? {})) visitResponse(`${where}/${name}`, each);
}

function visitResponse(where, response) {
  visitContent(where, response.content);
  for (const [name, header] of Object.entries(response.headers ?? {})) visitParameter(`${where}/${name}`, header);
}

function visitParameter(where, parameter) {
  if (parameter.schema) compile(where, moved(parameter.schema));
  visitContent(where, parameter.content);
}

function visitContent(where, content) {
  for (const [type, media] of Object.entries(content ?? {})) if (media.schema) compile(`${where}/${type}`, moved(media.schema));
}

function compile(where, schema) {
  schemas += 1;
  try {
    ajv.compile(schema);
  } catch (error) {
    faults.push({ where, message: error.message });
  }
}

/** The schema with its references where Ajv finds them. */
function moved(schema) {
  return JSON.parse(JSON.stringify(schema).replaceAll("#/components/schemas/", "components#/$defs/"));
}

function* patterns(where, node) {
  if (node === null || typeof node !== "object") return;
  if (typeof node.pattern === "string") yield [where, node.pattern];
  for (const [name, inner] of Object.entries(node)) yield* patterns(`${where}/${name}`, inner);
}
