// The open case: brought up to date around the composer, without losing what was unfolded or where one was reading.

import { announce, text } from "../ui/js/texts.js";

const PATIENCE = 200;
const NEAR_END = 80; // pixels from the end that still count as reading the latest

let planned = 0;

const pane = () => document.getElementById("case");
const thread = () => document.getElementById("thread");
const isOneColumn = () => getComputedStyle(thread()).overflowY === "visible";
const isAtEnd = (element) => element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_END;

function plan() {
  clearTimeout(planned);
  planned = setTimeout(refresh, PATIENCE);
}

async function refresh() {
  const url = pane()?.dataset.refreshUrl;
  if (!url) return;
  const seen = document.hidden ? "" : "&seen=1";
  // Requests of one source wait for each other, and only the last is kept: each part of the page is its own source.
  await window.htmx.ajax("GET", `${url}${seen}`, { source: pane(), target: pane(), swap: "none" });
}

for (const name of ["luister:case-changed", "luister:resync"]) {
  document.body.addEventListener(name, (event) => {
    const changed = event.detail?.case;
    if (changed === undefined || String(changed) === pane()?.dataset.case) plan();
  });
}

// The header is not drawn anew under an open menu, and keeps the focus on the same button.
let headWaits = false;
let headFocus = "";
const head = () => document.getElementById("case-head");
document.body.addEventListener("htmx:oobBeforeSwap", (event) => {
  if (event.detail.target.id !== "case-head") return;
  headWaits = Boolean(head().querySelector('[aria-expanded="true"], details[open]'));
  if (headWaits) event.detail.shouldSwap = false;
  else headFocus = document.activeElement.closest?.("#case-head [data-shortcut]")?.dataset.shortcut ?? "";
});
document.body.addEventListener("htmx:oobAfterSwap", () => {
  if (headFocus) head()?.querySelector(`[data-shortcut="${headFocus}"]`)?.focus({ preventScroll: true });
  headFocus = "";
});
document.body.addEventListener("luister:menu-closed", () => headWaits && plan());
document.addEventListener("toggle", (event) => {
  if (headWaits && event.target.matches?.("#case-head details:not([open])")) plan();
}, true);

// The thread is replaced as a whole: what was unfolded stays so, and whoever read the end goes on reading it.
let kept = null;
document.body.addEventListener("htmx:oobBeforeSwap", (event) => {
  if (event.detail.target.id !== "thread") return;
  const element = thread();
  kept = {
    unfolded: [...element.querySelectorAll("details[open][id]")].map((details) => details.id),
    posts: new Set([...element.querySelectorAll(".post[id]")].map((post) => post.id)),
    wasAtEnd: isAtEnd(element),
    top: element.scrollTop,
    focused: element.contains(document.activeElement) ? document.activeElement.id : "",
  };
});
document.body.addEventListener("htmx:oobAfterSwap", (event) => {
  if (event.detail.target.id !== "thread" || !kept) return;
  const element = thread();
  for (const id of kept.unfolded) {
    const details = document.getElementById(id);
    if (details) details.open = true;
  }
  const fresh = [...element.querySelectorAll(".post[id]")].filter((post) => !kept.posts.has(post.id));
  element.scrollTop = kept.wasAtEnd ? element.scrollHeight : kept.top;
  if (kept.focused) document.getElementById(kept.focused)?.focus({ preventScroll: true });
  const theirs = fresh.filter((post) => post.dataset.from === "contact");
  if (theirs.length > 0) announce(theirs.map(saidIn).join(" "));
  kept = null;
});

/** Return what a post says, without what was understood of it. */
function saidIn(post) {
  const copy = post.cloneNode(true);
  copy.querySelector(".said")?.remove();
  return copy.textContent.replace(/\s+/g, " ").trim();
}

function showLatest() {
  const element = thread();
  if (!element) return;
  const last = [...element.querySelectorAll(".post")].at(-1);
  if (isOneColumn()) last?.scrollIntoView({ block: "start" });
  else element.scrollTop = element.scrollHeight;
}

// A case that was opened from the list begins at its latest post, and has the focus there. What is only brought up to
// date is the same element still.
let shown = pane();
document.body.addEventListener("htmx:afterSettle", () => {
  if (pane() === shown) return;
  shown = pane();
  const panes = document.querySelector(".panes");
  if (panes) panes.dataset.showing = "case";
  showLatest();
  if (document.activeElement?.closest("#case")) return;
  [...document.querySelectorAll("#thread .post")].at(-1)?.focus({ preventScroll: true });
});
if (pane()?.dataset.number) showLatest();

function walk(step) {
  const posts = [...document.querySelectorAll("#thread .post")].filter((post) => post.checkVisibility());
  const at = posts.findIndex((post) => post.contains(document.activeElement));
  const to = at < 0 ? (step > 0 ? 0 : posts.length - 1) : Math.min(Math.max(at + step, 0), posts.length - 1);
  posts[to]?.focus();
  posts[to]?.scrollIntoView({ block: "nearest" });
}

function toggleQuoted() {
  const quoted = [...document.querySelectorAll("#thread .quoted:not(.designed)")];
  const open = quoted.some((details) => !details.open);
  for (const details of quoted) details.open = open;
}

function toggleCard() {
  const card = document.getElementById("card");
  const button = document.querySelector(".only-without-card");
  if (button?.checkVisibility()) card.togglePopover();
  else document.querySelector(".case-grid").toggleAttribute("data-no-card");
}

document.body.addEventListener("luister:key", (event) => {
  const answers = {
    "next-post": () => walk(1),
    "previous-post": () => walk(-1),
    quoted: toggleQuoted,
    card: toggleCard,
    take: () => document.querySelector('[data-do="take"]')?.click(),
    urgent: () => document.querySelector('[data-do="urgent"]')?.click(),
    reopen: () => (document.querySelector('[data-shortcut="reopen"]') ?? document.querySelector('[data-do="reopen"]'))?.click(),
  };
  const answer = answers[event.detail.action];
  if (!answer || !pane()?.dataset.number) return;
  answer();
  event.preventDefault();
});

document.addEventListener("click", (event) => {
  const warned = event.target.closest("[data-confirm]");
  if (warned && !confirm(warned.dataset.confirm)) event.preventDefault();
});

document.body.addEventListener("luister:reply-taken-back", (event) => {
  if (String(event.detail.number) !== pane()?.dataset.number) {
    location.assign(event.detail.url);
    return;
  }
  const composer = document.querySelector("#composer [data-mode-tab]:not([data-mode-tab='note'])");
  window.htmx.ajax("GET", composer?.getAttribute("hx-get").replace(/mode=\w+/, "mode=") ?? "", {
    source: "#composer",
    target: "#composer",
    swap: "outerHTML",
  }).then(() => document.getElementById("composer-text")?.focus());
  plan();
  announce(text("undone"));
});
