// Sending something to the server without htmx, where nothing on the page is to be replaced.

/** Post fields to an address, with the page's token. */
export function post(url, fields = {}, { keepalive = false } = {}) {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) body.set(name, value);
  const headers = JSON.parse(document.body.getAttribute("hx-headers") ?? "{}");
  return fetch(url, { method: "POST", body, headers, keepalive });
}
