// Takes note of the answers of the token endpoint, below the client, which stays as it is.

import { subscribe } from "node:diagnostics_channel";

const answers = [];

function note({ method, path }, { statusCode }) {
  if (method === "POST" && path.split("?")[0].endsWith("/token")) answers.push(statusCode);
}

// Node's fetch is one, what the Azure SDKs use the other.
subscribe("undici:request:headers", ({ request, response }) => note(request, response));
subscribe("http.client.response.finish", ({ request, response }) => note(request, response));

/** The statuses since the last call of this function. */
export function tokenAnswers() {
  return answers.splice(0);
}
