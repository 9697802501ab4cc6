// Saying that one looks at a case, types or is away, and showing who else does.

import { post } from "../ui/js/post.js";

const BEAT = 10_000;
const STILL_TYPING = 6000;
const AWAY = 120_000;

let number = "";
let last = "";
let typedAt = -Infinity;
let movedAt = performance.now();

const pane = () => document.getElementById("case");

function activity() {
  const now = performance.now();
  if (now - typedAt < STILL_TYPING) return "typing";
  return document.hidden || now - movedAt > AWAY ? "away" : "viewing";
}

function tell(url, what, keepalive = false) {
  post(url, { activity: what }, { keepalive }).catch(() => {});
}

function beat(force = false) {
  const url = pane()?.dataset.hereUrl;
  if (!url) return;
  const what = activity();
  if (force || what !== last) tell(url, what);
  last = what;
}

let hereUrl = "";
function follow() {
  const now = pane()?.dataset.number ?? "";
  if (now === number) return;
  if (hereUrl) tell(hereUrl, "gone");
  number = now;
  hereUrl = pane()?.dataset.hereUrl ?? "";
  typedAt = -Infinity;
  beat(true);
}

async function show() {
  const people = document.getElementById("presence");
  const url = pane()?.dataset.hereUrl;
  if (!people || !url) return;
  const answer = await fetch(url.replace(/here\/$/, "people/"), { headers: { "X-Requested-With": "fetch" } });
  if (answer.ok && !answer.redirected) people.innerHTML = await answer.text();
}

setInterval(() => beat(true), BEAT);
// Who stopped beating is gone after 25 s, and nobody says so.
setInterval(() => document.querySelector("#presence > span") && !document.hidden && show(), BEAT * 1.5);
document.addEventListener("luister:typing", () => {
  typedAt = movedAt = performance.now();
  beat();
});
for (const name of ["pointermove", "keydown", "scroll"]) {
  document.addEventListener(name, () => (movedAt = performance.now()), { passive: true, capture: true });
}
document.addEventListener("visibilitychange", () => beat());
document.body.addEventListener("htmx:afterSettle", follow);
document.body.addEventListener("luister:presence-changed", (event) => {
  if (String(event.detail.case) === pane()?.dataset.case) show();
});
window.addEventListener("pagehide", () => hereUrl && tell(hereUrl, "gone", true));
window.addEventListener("pageshow", (event) => event.persisted && beat(true));
follow();
