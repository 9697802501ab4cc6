// Writing: drafts kept on the server while one types, the length as it grows, and the keys that send.

import { post } from "../ui/js/post.js";
import { text } from "../ui/js/texts.js";

const REST = 900; // after typing stops
const LONGEST_UNSAVED = 4000; // while typing goes on
const AGAIN = 3000; // after the server could not keep it

let timer = 0;
let firstUnsaved = 0;
let saving = Promise.resolve();

const form = () => document.getElementById("composer-form");
const field = () => document.getElementById("composer-text");

function state(words) {
  const element = document.getElementById("draft-state");
  if (element) element.textContent = words;
}

/** Keep what is written now; resolves when the server has it. */
function save({ keepalive = false } = {}) {
  clearTimeout(timer);
  timer = 0;
  firstUnsaved = 0;
  const composer = form();
  const area = field();
  if (!area || !composer?.dataset.draftUrl || composer.dataset.saved === area.value) return saving;
  const words = area.value;
  const fields = { mode: composer.dataset.mode, text: words };
  if (composer.elements.is_public) fields.is_public = composer.elements.is_public.value;
  state(text("saving"));
  saving = post(composer.dataset.draftUrl, fields, { keepalive })
    .then(async (answer) => {
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      const { saved_at: savedAt } = await answer.json();
      composer.dataset.saved = words;
      if (field()?.value === words) state(words.trim() ? text("saved", savedAt) : "");
    })
    .catch((error) => {
      if (field() !== area) return;
      state(text("notSaved"));
      const isRefused = Number(error.message) < 500; // which the same words would be again
      if (!isRefused) timer ||= setTimeout(() => field() === area && save(), AGAIN * (0.5 + Math.random()));
    });
  return saving;
}

function planSave() {
  const now = performance.now();
  firstUnsaved ||= now;
  clearTimeout(timer);
  timer = setTimeout(save, Math.max(0, Math.min(REST, firstUnsaved + LONGEST_UNSAVED - now)));
  state(text("notSaved"));
}

// An estimate between two words of the server, which counts as the network does.
function showLength() {
  const element = document.getElementById("length");
  if (!element) return;
  const signature = element.dataset.signature;
  const words = field().value.trim();
  const whole = words && signature && !words.endsWith(signature) ? `${words} ${signature}` : words;
  const length = [...whole].length;
  const limit = Number(element.dataset.limit);
  element.querySelector("[data-length]").textContent = String(length);
  element.dataset.level = length > limit ? "over" : length > limit * 0.9 ? "near" : "";
}

document.addEventListener("input", (event) => {
  if (event.target !== field()) return;
  planSave();
  showLength();
  document.dispatchEvent(new CustomEvent("luister:typing"));
});
document.addEventListener("focusout", (event) => {
  if (event.target === field() && timer) save();
});
window.addEventListener("pagehide", () => timer && save({ keepalive: true }));
document.addEventListener("visibilitychange", () => document.hidden && timer && save({ keepalive: true }));

// What was typed is kept before the composer is replaced by another mode or another case.
document.body.addEventListener("htmx:confirm", (event) => {
  const leaves = event.detail.elt.matches?.("[data-mode-tab], .row-name");
  if (!leaves || !timer) return;
  event.preventDefault();
  save().then(() => event.detail.issueRequest(true));
});
// What is sent is no draft any more.
document.body.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.elt !== form()) return;
  clearTimeout(timer);
  timer = 0;
});

let wantsFocus = false;
let wasSent = false;
document.body.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.requestConfig?.elt.id === "composer-form" && event.detail.successful) wasSent = true;
});
document.body.addEventListener("htmx:afterSettle", () => {
  const area = field();
  if (!area) return;
  // What was sent is in the thread, and so is the focus: the next key is a shortcut again, `z` above all.
  if (wasSent && !area.value && document.activeElement === area) {
    const newest = [...document.querySelectorAll("#thread [tabindex]")].at(-1);
    if (newest) newest.focus({ preventScroll: true });
    else area.blur();
  }
  wasSent = false;
  if (wantsFocus) {
    wantsFocus = false;
    area.focus();
    area.setSelectionRange(area.value.length, area.value.length);
  }
  keepUp();
});

// Who has not begun to write has read what the thread shows; who has, is told of it when sending.
function keepUp() {
  const newest = document.getElementById("newest-version");
  const seen = form()?.elements.seen_version;
  if (newest && seen && !field().value.trim()) seen.value = newest.value;
}

document.body.addEventListener("luister:key", (event) => {
  const { action } = event.detail;
  if ((action !== "reply" && action !== "note") || !form()) return;
  const tabs = [...form().querySelectorAll("[data-mode-tab]")];
  const isNote = action === "note";
  const wanted = tabs.filter((tab) => (tab.dataset.modeTab === "note") === isNote);
  event.preventDefault();
  if (wanted.some((tab) => tab.getAttribute("aria-pressed") === "true")) {
    field().focus();
    return;
  }
  wantsFocus = true;
  wanted[0]?.click();
});
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-mode-tab]")) wantsFocus = true;
});

function send(event) {
  const complete = event.shiftKey ? form().querySelector("[data-send-complete]") : null;
  const button = complete ?? form().querySelector("[data-send]");
  if (!button || button.disabled) return;
  event.preventDefault();
  button.click(); // htmx takes the value of the button that was clicked
}

document.addEventListener("keydown", (event) => {
  const isSend = event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.altKey;
  if (isSend && event.target === field()) send(event);
});

// Files: chosen, dropped on the composer or pasted into it.
function attach(files) {
  const input = form()?.querySelector('.attach input[type="file"]');
  if (!input || files.length === 0) return false;
  const chosen = new DataTransfer();
  for (const file of files) chosen.items.add(file);
  input.files = chosen.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
  return true;
}

document.addEventListener("dragover", (event) => {
  if (!form()?.contains(event.target) || !event.dataTransfer.types.includes("Files")) return;
  event.preventDefault();
  form().dataset.dropping = "";
});
for (const name of ["dragleave", "drop", "dragend"]) {
  document.addEventListener(name, () => form() && delete form().dataset.dropping);
}
document.addEventListener("drop", (event) => {
  if (form()?.contains(event.target) && attach(event.dataTransfer.files)) event.preventDefault();
});
document.addEventListener("paste", (event) => {
  if (event.target === field() && attach(event.clipboardData.files)) event.preventDefault();
});
document.body.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.elt.id === "attach") event.detail.elt.reset();
});
