// When the server says no, is not reached, or the network is gone: say so where it happened, and let people go on.

import { toast } from "./toast.js";
import { text } from "./texts.js";

const BY_STATUS = { 403: "forbidden", 404: "missing", 410: "missing", 503: "away" };

function slotFor(element) {
  return element?.closest?.("[data-failure]")?.querySelector("[data-failure-slot]") ?? null;
}

function tell(element, sentence, retry) {
  const slot = slotFor(element);
  if (!slot) {
    toast({ text: sentence, tone: "danger", retry });
    return;
  }
  const line = document.createElement("p");
  line.className = "field-error";
  line.setAttribute("role", "alert");
  line.textContent = sentence;
  slot.replaceChildren(line);
}

function again(detail) {
  const { verb, path } = detail.requestConfig ?? {};
  // Only what changes nothing is repeated by a button; a form is simply sent again by its own button.
  if (verb !== "get") return undefined;
  return () => window.htmx.ajax("GET", path, { source: detail.elt, target: detail.target });
}

document.addEventListener("htmx:beforeRequest", (event) => slotFor(event.detail.elt)?.replaceChildren());

document.addEventListener("htmx:responseError", (event) => {
  const { xhr, elt } = event.detail;
  if (xhr.status === 403 && xhr.getResponseHeader("X-Luister-Reason") === "stale-form") {
    toast({ text: text("staleForm"), tone: "danger", href: location.href, link: text("reload") });
    return;
  }
  tell(elt, text(BY_STATUS[xhr.status] ?? "failed"), again(event.detail));
});

for (const name of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, (event) => tell(event.detail.elt, text("unreachable"), again(event.detail)));
}

// What the server tells with HX-Trigger is also heard when the element that asked has meanwhile been drawn anew.
document.addEventListener("htmx:beforeSend", (event) => {
  const { xhr, elt } = event.detail;
  xhr.addEventListener("readystatechange", () => {
    if (xhr.readyState !== XMLHttpRequest.DONE || elt.isConnected) return;
    const told = JSON.parse(xhr.getResponseHeader("HX-Trigger") ?? "{}");
    for (const [name, detail] of Object.entries(told)) {
      document.body.dispatchEvent(new CustomEvent(name, { bubbles: true, detail }));
    }
  });
});

// A session that ended answers with the sign-in page; that page does not belong in a pane.
document.addEventListener("htmx:beforeSwap", (event) => {
  const url = event.detail.xhr.responseURL;
  if (!url || !new URL(url).pathname.startsWith("/account/login")) return;
  event.detail.shouldSwap = false;
  const next = encodeURIComponent(location.pathname + location.search);
  toast({ text: text("signedOut"), tone: "danger", href: `/account/login/?next=${next}`, link: text("signIn") });
});

let offline = null;
window.addEventListener("offline", () => {
  offline = toast({ text: text("offline"), tone: "danger", seconds: 0 });
});
window.addEventListener("online", () => {
  offline?.remove();
  toast({ text: text("online"), seconds: 4 });
});
