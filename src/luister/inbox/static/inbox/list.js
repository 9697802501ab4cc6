// The list of cases: kept up to date, walked through by keyboard, and never moved under the pointer.

import { act } from "../ui/js/keyboard.js";

const PATIENCE = 250; // several changes at once are one refresh
const UNASKED = { "Luister-Refresh": "1" }; // nobody waits for it: the server lets others go first
const MINUTE = 60_000; // waiting times go on

let planned = 0;
let running = false;
let again = false;
let order = []; // of the rows before the last refresh: the open case may have left the view

const list = () => document.getElementById("cases");
const rows = () => [...(list()?.querySelectorAll(".case-row") ?? [])];
const link = (row) => row?.querySelector(".row-name");

/** Whether the rows would move under someone's pointer. */
function isPointedAt() {
  return Boolean(list()?.matches(":hover")) && matchMedia("(hover: hover)").matches;
}

function plan() {
  clearTimeout(planned);
  planned = setTimeout(refresh, PATIENCE);
}

async function refresh() {
  const cases = list();
  if (!cases) return;
  if (document.hidden) {
    await refreshAround();
    return;
  }
  if (isPointedAt()) {
    document.getElementById("list-news").hidden = false;
    await refreshAround();
    return;
  }
  if (running) {
    again = true;
    return;
  }
  running = true;
  try {
    await load(cases);
  } finally {
    running = false;
    if (again) {
      again = false;
      plan();
    }
  }
}

async function load(cases) {
  const url = new URL(cases.dataset.url, location.href);
  url.searchParams.set("rows", rows().length);
  const top = cases.scrollTop;
  order = rows().map((row) => row.id);
  await window.htmx.ajax("GET", url.pathname + url.search, {
    source: cases, target: cases, swap: "innerHTML show:none", headers: UNASKED,
  });
  cases.scrollTop = top;
  document.getElementById("list-news").hidden = true;
  markCurrent();
  showUnread();
}

// Counts and title do not move anything: they are brought up to date while the rows wait.
async function refreshAround() {
  const answer = await fetch(list().dataset.url, { headers: { "HX-Request": "true", "HX-Target": "cases", ...UNASKED } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const id of ["views", "list-count", "notice-count", "unread"]) {
    const fresh = page.getElementById(id);
    const old = document.getElementById(id);
    if (!fresh || !old) continue;
    fresh.removeAttribute("hx-swap-oob");
    old.replaceWith(fresh);
  }
  showUnread();
}

// The title and the tab's picture say how much is unread, also in a tab that nobody looks at.
function showUnread() {
  const unread = Number(document.getElementById("unread")?.value ?? 0);
  const plain = document.title.replace(/^\(\d+\) /, "");
  document.title = unread ? `(${unread}) ${plain}` : plain;
  const favicon = document.getElementById("favicon");
  favicon.dataset.read ??= favicon.getAttribute("href");
  const wanted = unread ? favicon.dataset.unread : favicon.dataset.read;
  if (favicon.getAttribute("href") !== wanted) favicon.setAttribute("href", wanted);
}

/** Show which row is the open case. */
export function markCurrent() {
  const number = document.getElementById("case")?.dataset.number;
  for (const row of rows()) {
    if (number && row.id === `row-${number}`) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
  }
}

function markRead(number) {
  const row = document.getElementById(`row-${number}`);
  if (!row?.hasAttribute("data-unread")) return;
  row.removeAttribute("data-unread");
  row.querySelector(".unread-dot")?.remove();
  const unread = document.getElementById("unread");
  unread.value = String(Math.max(0, Number(unread.value) - 1));
  row.querySelector(".row-name > .visually-hidden:first-child")?.remove();
}

function walk(step) {
  const all = rows();
  if (all.length === 0) return;
  const focused = all.findIndex((row) => row.contains(document.activeElement));
  const current = all.findIndex((row) => row.getAttribute("aria-current") === "true");
  const from = focused >= 0 ? focused : current;
  const to = from < 0 ? 0 : Math.min(Math.max(from + step, 0), all.length - 1);
  link(all[to]).focus();
  all[to].scrollIntoView({ block: "nearest" });
}

/** Open the case after (1) or before (-1) the one that is open. */
export function openNeighbour(step) {
  const ids = rows().map((row) => row.id);
  const here = `row-${document.getElementById("case")?.dataset.number}`;
  const known = ids.includes(here) ? ids : order;
  const at = known.indexOf(here);
  if (at < 0) return false;
  const after = known.slice(at + 1);
  const before = known.slice(0, at).reverse();
  // Whoever is done with the last case goes on with the one before it.
  const target = (step > 0 ? [...after, ...before] : before).find((id) => ids.includes(id));
  if (!target) return false;
  link(document.getElementById(target)).click();
  return true;
}

document.body.addEventListener("luister:key", (event) => {
  const { action } = event.detail;
  const answers = {
    next: () => walk(1),
    previous: () => walk(-1),
    "next-case": () => openNeighbour(1),
    "previous-case": () => openNeighbour(-1),
    open: () => link(rows().find((row) => row.contains(document.activeElement)))?.click(),
    back,
  };
  if (!answers[action] || !list()) return;
  answers[action]();
  event.preventDefault();
});

// On a narrow screen the list is another page; beside the case it only gets the focus back.
function back() {
  const link_ = document.querySelector(".only-one-pane");
  if (link_?.checkVisibility()) {
    link_.click();
    return;
  }
  const current = rows().find((row) => row.getAttribute("aria-current") === "true");
  (link(current) ?? link(rows()[0]))?.focus();
}

if (list()) showUnread();
for (const name of ["luister:cases-changed", "luister:resync"]) document.body.addEventListener(name, plan);
document.body.addEventListener("luister:notice", plan);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) plan();
});
setInterval(() => {
  if (!isPointedAt()) plan();
}, MINUTE);

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-show-news]")) return;
  document.getElementById("list-news").hidden = true;
  load(list());
});
list()?.addEventListener("pointerleave", () => {
  if (!document.getElementById("list-news").hidden) plan();
});

// A search changes what the list shows, and so what a refresh must ask for.
document.body.addEventListener("htmx:afterRequest", (event) => {
  if (!event.detail.elt.matches?.(".list-search") || !event.detail.successful) return;
  list().dataset.url = event.detail.pathInfo.finalRequestPath;
});

document.body.addEventListener("htmx:afterSettle", (event) => {
  const opened = event.target.closest?.("#case") ?? event.detail.target?.closest?.("#case");
  if (!opened?.dataset.number) return;
  markCurrent();
  markRead(opened.dataset.number);
  showUnread();
});

// After a case was completed or put off the next one opens; at the end of the list there is nothing to go on to.
document.body.addEventListener("luister:go-on", (event) => {
  const open = document.getElementById("case")?.dataset.number;
  if (String(event.detail.number) !== open || openNeighbour(1)) return;
  act("back");
});
