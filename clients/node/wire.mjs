// Takes note of the answers of the token endpoint, below the client, which stays as it is.

import { subscribe } from "node:diagnostics_channel";

const answers = [];

subscribe("undici:request:headers", ({ request, response }) => {
  if (request.method === "POST" && request.path.split("?")[0].endsWith("/token")) answers.push(response.statusCode);
});

/** The statuses since the last call of this function. */
export function tokenAnswers() {
  return answers.splice(0);
}
