// Short messages at the edge of the window, and the countdown during which a send can be taken back.
// While the toast has the focus or the pointer the countdown begins again and again: the server is asked to wait.

import { post } from "./post.js";
import { announce, text } from "./texts.js";

const TICK = 250;
const HESITATION = 2500; // how often the server is asked to wait longer
let last = null; // the newest toast that can be undone, for `z`

/**
 * Show a message.
 * @param {{text: string, tone?: string, seconds?: number, undo?: string, hold?: string, retry?: () => void,
 *   href?: string, link?: string}} message `undo` is the address that takes it back, `hold` the one that asks the
 *   server to wait while someone hesitates.
 */
export function toast(message) {
  const region = document.getElementById("toasts");
  const element = document.createElement("div");
  element.className = "toast";
  element.setAttribute("role", message.tone === "danger" ? "alert" : "status");
  if (message.tone) element.dataset.tone = message.tone;
  const words = document.createElement("p");
  words.textContent = message.text;
  element.append(words);
  if (message.undo) element.append(undoButton(message, element));
  if (message.retry) element.append(button(text("retry"), () => (element.remove(), message.retry())));
  if (message.href) {
    const link = document.createElement("a");
    link.className = "button";
    link.href = message.href;
    link.textContent = message.link;
    element.append(link);
  }
  if (!message.undo) element.append(button(text("dismiss"), () => element.remove()));
  for (const older of region.querySelectorAll(".toast")) if (!older.dataset.undo) older.remove();
  region.append(element);
  countDown(element, message.seconds ?? (message.tone === "danger" ? 0 : 8), message);
  return element;
}

function button(label, act) {
  const element = document.createElement("button");
  element.type = "button";
  element.className = "button";
  element.textContent = label;
  element.addEventListener("click", act);
  return element;
}

function undoButton(message, element) {
  element.dataset.undo = "";
  last = { message, element };
  const undo = button(text("undo"), () => takeBack(message, element));
  const key = document.createElement("kbd");
  key.className = "kbd";
  key.textContent = JSON.parse(document.body.dataset.keyMap).keys.undo;
  if (document.body.dataset.singleKeys !== "off") undo.append(" ", key);
  return undo;
}

function takeBack(message, element) {
  element.remove();
  if (last?.element === element) last = null;
  window.htmx.ajax("POST", message.undo, { source: "#toasts", swap: "none" });
}

/** Undo what the newest toast offers to undo; return whether there was one. */
export function undoLast() {
  if (!last?.element.isConnected) return false;
  takeBack(last.message, last.element);
  return true;
}

function countDown(element, seconds, message) {
  if (!seconds) return;
  let left = seconds * 1000;
  let bar = null;
  if (message.undo) {
    bar = document.createElement("progress");
    bar.className = "toast-clock";
    bar.setAttribute("aria-hidden", "true");
    bar.max = left;
    bar.value = left;
    element.append(bar);
  }
  let askedAt = -Infinity;
  // The server is asked to wait too; what it grants is the truth, and in the end it sends.
  const hesitate = async () => {
    if (!message.hold) return;
    askedAt = performance.now();
    const answer = await post(message.hold).catch(() => null);
    if (!answer) return;
    const { seconds: granted, text: refusal } = await answer.json();
    left = answer.ok ? granted * 1000 : 0;
    if (refusal) announce(refusal);
  };
  const timer = setInterval(() => {
    if (!element.isConnected) return clearInterval(timer);
    const isHeld = element.matches(":hover, :focus-within");
    if (isHeld && performance.now() - askedAt > HESITATION) hesitate();
    if (!isHeld || message.hold) left -= TICK;
    if (bar) bar.value = left;
    if (left <= 0) {
      clearInterval(timer);
      element.remove();
    }
    return undefined;
  }, TICK);
}

for (const element of document.querySelectorAll("#toasts > .toast")) {
  element.querySelector("[data-dismiss]")?.addEventListener("click", () => element.remove());
  countDown(element, Number(element.dataset.seconds ?? 8), {});
}

// The server says what happened with the header HX-Trigger: {"luister:toast": {…}}.
document.addEventListener("luister:toast", (event) => toast(event.detail));
document.addEventListener("luister:announce", (event) => announce(event.detail.text ?? event.detail.value));
