// The chips under a post: why on hover and focus, and on a click a menu to correct what was understood. There is one
// panel for all of them, outside the thread, which is drawn anew while people read. Without scripts each is a page.

const PAUSE = 250; // until the pointer means it
const LEEWAY = 250; // to get from the chip to the panel

let opener = null; // the chip whose panel is shown
let isPinned = false; // opened by a click, not only looked at
let timer = 0;
let asked = 0;
let seen = ""; // the chip that has the focus again: its reasons are known, and shown anew only once it was left

const panel = document.createElement("div");
panel.className = "said-panel";
panel.id = "said-panel";
panel.popover = "manual";
panel.setAttribute("role", "dialog");
panel.setAttribute("aria-labelledby", "said-heading");
document.body.append(panel);

const isShown = () => panel.matches(":popover-open");
const chip = () => (opener?.isConnected ? opener : document.getElementById(opener?.id ?? ""));
const choices = () => [...panel.querySelectorAll(".menu-item, .button:not([data-aside])")].filter((item) => item.checkVisibility());

function later(act, pause) {
  clearTimeout(timer);
  timer = setTimeout(act, pause);
}

function close({ giveBack = false } = {}) {
  clearTimeout(timer);
  asked += 1;
  if (!opener) return;
  const from = chip();
  from?.setAttribute("aria-expanded", "false");
  if (isShown()) panel.hidePopover();
  panel.replaceChildren();
  opener = null;
  isPinned = false;
  seen = from?.id ?? "";
  if (giveBack) from?.focus({ preventScroll: true });
}

/** Put the panel below its chip, or above it where there is no room, whole on the screen. */
function place() {
  const from = chip()?.getBoundingClientRect();
  if (!from) return;
  const left = Math.max(8, Math.min(from.left, innerWidth - panel.offsetWidth - 8));
  const below = from.bottom + 4;
  const above = from.top - panel.offsetHeight - 4;
  panel.style.left = `${left}px`;
  panel.style.top = `${below + panel.offsetHeight > innerHeight - 8 && above > 8 ? above : Math.min(below, Math.max(8, innerHeight - panel.offsetHeight - 8))}px`;
}

async function fill(url) {
  const mine = (asked += 1);
  const answer = await fetch(url, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (mine !== asked) return false;
  if (!answer?.ok || answer.redirected) {
    const isMeant = isPinned;
    close();
    if (isMeant) location.assign(url);
    return false;
  }
  panel.innerHTML = await answer.text();
  window.htmx.process(panel);
  return mine === asked;
}

async function show(from, { pinned }) {
  if (opener && opener !== from) close();
  opener = from;
  isPinned = pinned;
  if (!(await fill(from.href))) return;
  panel.toggleAttribute("data-peek", !isPinned);
  if (!isShown()) panel.showPopover();
  if (isPinned) pin();
  place();
}

function pin() {
  isPinned = true;
  panel.removeAttribute("data-peek");
  chip()?.setAttribute("aria-expanded", "true");
  place();
  (panel.querySelector("[data-now]") ?? choices()[0] ?? focusable()).focus({ preventScroll: true });
}

/** Let the panel itself take the focus where there is nothing to choose. */
function focusable() {
  panel.tabIndex = -1;
  return panel;
}

function toggle(from) {
  clearTimeout(timer);
  if (opener === from && isPinned) close({ giveBack: true });
  else if (opener === from && isShown()) pin();
  else show(from, { pinned: true });
}

const saidOf = (event) => event.target.closest?.("[data-said]");

document.addEventListener("pointerover", (event) => {
  if (event.pointerType !== "mouse" || isPinned) return;
  if (panel.contains(event.target)) {
    clearTimeout(timer);
    return;
  }
  const from = saidOf(event);
  if (from && from.id !== seen) seen = "";
  if (from && (from === opener || from.id === seen)) clearTimeout(timer);
  else if (from) later(() => show(from, { pinned: false }), PAUSE);
  else if (opener && document.activeElement !== opener) later(close, LEEWAY);
  else if (!opener) clearTimeout(timer);
});

document.addEventListener("focusin", (event) => {
  const from = saidOf(event);
  if (from?.id !== seen) seen = "";
  if (from && from.id !== seen && from.matches(":focus-visible") && from !== opener) later(() => show(from, { pinned: false }), PAUSE);
  else if (!from && opener && !panel.contains(event.target)) close();
});

document.addEventListener("click", (event) => {
  const from = saidOf(event);
  if (from && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    toggle(from);
    return;
  }
  const next = event.target.closest?.("[data-said-next]");
  if (next && panel.contains(next)) {
    event.preventDefault();
    fill(next.href).then((isThere) => isThere && pin());
    return;
  }
  if (opener && event.target.isConnected && !panel.contains(event.target)) close();
});

document.addEventListener(
  "keydown",
  (event) => {
    const from = saidOf(event);
    if (from && event.key === " ") {
      event.preventDefault();
      event.stopPropagation();
      toggle(from);
      return;
    }
    if (!opener) return;
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      close({ giveBack: isPinned });
      return;
    }
    if (!isPinned || !panel.contains(event.target)) return;
    if (event.key === "Tab") {
      event.preventDefault();
      close({ giveBack: true });
      return;
    }
    // What is typed here is no shortcut of the page below.
    if (event.key.length === 1 && event.key !== " ") event.stopPropagation();
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const items = choices();
    items[(items.indexOf(document.activeElement) + step + items.length) % items.length]?.focus();
  },
  true,
);

// What was chosen is saved, and the row drawn anew: of several that hold at once the list stays open.
document.body.addEventListener("htmx:afterRequest", async (event) => {
  const { elt, successful, xhr } = event.detail;
  if (!opener || !panel.contains(elt) || !successful || xhr.status >= 400) return;
  const chosen = document.activeElement?.value;
  if (!elt.closest("[data-said-stays]")) {
    const { id } = opener;
    const row = document.getElementById(id.split("-").slice(0, 2).join("-"));
    close();
    const to = document.getElementById(id) ?? row?.querySelector("[data-said]");
    seen = to?.id ?? "";
    to?.focus({ preventScroll: true });
    return;
  }
  const form = elt.closest("form");
  const url = form.action.replace(/correct\/$/, "understood/kinds/");
  if ((await fill(url)) && opener) {
    place();
    (panel.querySelector(`button[value="${CSS.escape(chosen ?? "")}"]`) ?? choices()[0])?.focus({ preventScroll: true });
  }
});

// A case that is brought up to date draws its rows anew; the panel stays with the chip that is there now.
document.body.addEventListener("htmx:oobAfterSwap", () => {
  if (!opener) return;
  const now = chip();
  if (now) {
    opener = now;
    if (isPinned) now.setAttribute("aria-expanded", "true");
    place();
  } else if (!isPinned) close();
});

addEventListener("scroll", () => opener && (isPinned ? place() : close()), { capture: true, passive: true });
addEventListener("resize", () => opener && place());
