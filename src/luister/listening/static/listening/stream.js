// A stream of mentions: kept up to date without moving anything under the pointer, and worked by keyboard.

import { announce } from "../ui/js/texts.js";

const PATIENCE = 400; // several finds at once are one refresh

let planned = 0;
let running = false;

const list = () => document.getElementById("mentions");
const rows = () => [...(list()?.querySelectorAll(".mention") ?? [])];
const link = (row) => row?.querySelector(".mention-open");
const newest = () => Number(list().querySelector("[data-newest]")?.dataset.newest ?? 0);
const bar = () => document.getElementById("stream-news");

/** Whether the rows would move under someone's pointer, away from what they read, or out of their hands. */
function isInUse() {
  if (!rows().length) return false;
  const isPointedAt = list().matches(":hover") && matchMedia("(hover: hover)").matches;
  return isPointedAt || list().contains(document.activeElement) || list().getBoundingClientRect().top < 0;
}

function plan() {
  clearTimeout(planned);
  planned = setTimeout(refresh, PATIENCE);
}

async function refresh() {
  if (!list() || document.hidden) return;
  if (!isInUse()) {
    await load();
    return;
  }
  const url = new URL(list().dataset.url, location.href);
  url.searchParams.set("since", String(newest()));
  const answer = await fetch(url, { headers: { "X-Requested-With": "fetch" } });
  if (!answer.ok || answer.redirected) return;
  const sentence = await answer.text();
  bar().hidden = !sentence;
  bar().querySelector("button > span").textContent = sentence;
}

async function load() {
  if (running) {
    plan();
    return;
  }
  running = true;
  const url = new URL(list().dataset.url, location.href);
  url.searchParams.set("rows", String(rows().length));
  try {
    await window.htmx.ajax("GET", url.pathname + url.search, { source: list(), target: list(), swap: "innerHTML show:none" });
    bar().hidden = true;
  } finally {
    running = false;
  }
}

function current() {
  return rows().find((row) => row.contains(document.activeElement));
}

function walk(step) {
  const all = rows();
  const at = all.indexOf(current());
  const to = at < 0 ? 0 : Math.min(Math.max(at + step, 0), all.length - 1);
  link(all[to])?.focus();
  all[to]?.scrollIntoView({ block: "nearest" });
}

/** Press a button of the mention that has the focus, and go on with the next one. */
function press(what) {
  const row = current();
  const button = row?.querySelector(`[data-do="${what}"]`);
  if (!button) return false;
  button.click();
  return true;
}

document.body.addEventListener("luister:key", (event) => {
  if (!list()) return;
  const answers = {
    next: () => walk(1),
    previous: () => walk(-1),
    open: () => link(current())?.click(),
    note: () => press("case"),
    complete: () => press("dismiss"),
  };
  const answer = answers[event.detail.action];
  if (!answer || answer() === false) return;
  event.preventDefault();
});

// What stands around a mention is shown and put away by the same key.
document.body.addEventListener("htmx:beforeRequest", (event) => {
  const opener = event.detail.elt;
  if (!opener.matches?.(".mention-open")) return;
  const slot = document.getElementById(opener.getAttribute("aria-controls"));
  const isShown = slot.childElementCount > 0;
  opener.setAttribute("aria-expanded", String(!isShown));
  if (!isShown) return;
  slot.replaceChildren();
  event.preventDefault();
});

// A row that was handled is drawn anew in its place; whoever used the keyboard stays on it.
document.body.addEventListener("htmx:beforeSwap", (event) => {
  const row = event.detail.target;
  if (row.matches?.(".mention")) row.dataset.hadFocus = String(row.contains(document.activeElement));
  if (row.matches?.(".mention") && row.contains(document.activeElement)) refocus = row.id;
});
let refocus = "";
document.body.addEventListener("htmx:afterSettle", () => {
  if (!refocus) return;
  link(document.getElementById(refocus))?.focus({ preventScroll: true });
  refocus = "";
});

for (const name of ["luister:mentions-changed", "luister:resync"]) document.body.addEventListener(name, plan);
document.addEventListener("visibilitychange", plan);
document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-show-news]")) return;
  bar().hidden = true;
  scrollTo({ top: 0 });
  load().then(() => {
    link(rows()[0])?.focus({ preventScroll: true });
    announce(link(rows()[0])?.textContent.trim() ?? "");
  });
});

// The filters act by themselves; without scripts there is a button.
document.querySelector("[data-submits-itself]")?.addEventListener("change", (event) => event.currentTarget.requestSubmit());
