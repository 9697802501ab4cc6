// Menus that the server fills when they are opened. Without scripts each is a page of its own.

let open = null;

function close({ giveBack = false } = {}) {
  if (!open) return;
  open.opener.setAttribute("aria-expanded", "false");
  open.panel.remove();
  if (giveBack) open.opener.focus();
  open = null;
  document.body.dispatchEvent(new CustomEvent("luister:menu-closed"));
}

/** Put the menu below its button, whole on the screen. */
function place() {
  const { opener, panel } = open;
  const from = opener.getBoundingClientRect();
  const frame = (panel.offsetParent ?? document.body).getBoundingClientRect();
  const left = Math.max(8 - frame.left, Math.min(from.left - frame.left, innerWidth - panel.offsetWidth - 8 - frame.left));
  panel.style.left = `${left}px`;
  panel.style.top = `${from.bottom - frame.top + 4}px`;
}

async function show(opener) {
  close();
  opener.setAttribute("aria-expanded", "true");
  const answer = await fetch(opener.dataset.popup, { headers: { "HX-Request": "true" } });
  if (!answer.ok || answer.redirected) {
    opener.setAttribute("aria-expanded", "false");
    location.assign(opener.href);
    return;
  }
  const panel = document.createElement("div");
  panel.className = "menu-list popup";
  panel.innerHTML = await answer.text();
  opener.after(panel);
  window.htmx.process(panel);
  open = { opener, panel };
  place();
  panel.querySelector("input:not([type=hidden]), .menu-item")?.focus({ preventScroll: true });
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-popup]");
  if (opener && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    if (open?.opener === opener) close();
    else show(opener);
    return;
  }
  if (open && !open.panel.contains(event.target)) close();
});

document.addEventListener("keydown", (event) => {
  const opener = event.target.closest?.("[data-popup]");
  if (opener && event.key === " ") {
    event.preventDefault();
    show(opener);
    return;
  }
  if (!open) return;
  if (event.key === "Escape") {
    close({ giveBack: true });
    event.preventDefault();
    event.stopPropagation();
    return;
  }
  // What is typed is meant for the menu's field, never for a shortcut of the page below.
  const isLetter = event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey;
  if (isLetter && event.key !== " " && !event.target.matches("input, textarea, select")) {
    event.stopPropagation();
    open.panel.querySelector("input:not([type=hidden])")?.focus({ preventScroll: true });
    return;
  }
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const items = [...open.panel.querySelectorAll("input:not([type=hidden]), .menu-item")].filter((item) => item.offsetParent);
  const step = event.key === "ArrowDown" ? 1 : -1;
  items[(items.indexOf(document.activeElement) + step + items.length) % items.length]?.focus();
  event.preventDefault();
}, true);

document.addEventListener("focusin", (event) => {
  if (open && !open.panel.contains(event.target) && event.target !== open.opener) close();
});

// What was chosen is done; the header is drawn anew and the focus goes on in the case. What was refused stays.
document.body.addEventListener("htmx:afterRequest", (event) => {
  if (!open?.panel.contains(event.detail.elt) || !event.detail.successful || event.detail.xhr.status >= 400) return;
  close();
  (document.querySelector("#thread .post:last-of-type") ?? document.getElementById("case-heading"))?.focus({ preventScroll: true });
});

// A sentence that came into the menu may have made it wider.
document.body.addEventListener("htmx:afterSettle", () => {
  if (open) place();
});
