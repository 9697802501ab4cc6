// Dialogs and menus. The browser keeps the focus inside a modal dialog, closes it on Esc and gives the focus back.

/** Open a dialog over the page. */
export function open(dialog) {
  if (!dialog.open) dialog.showModal();
}

function closeMenus(except = null) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(except)) menu.open = false;
  }
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) {
    const dialog = document.getElementById(opener.dataset.opens);
    if (dialog) open(dialog);
  }
  event.target.closest("[data-closes]")?.closest("dialog")?.close();
  // A click on the backdrop hits the dialog element itself.
  if (event.target instanceof HTMLDialogElement && event.target.matches(".dialog")) {
    const box = event.target.getBoundingClientRect();
    const inside =
      event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
    if (!inside && event.detail > 0) event.target.close();
  }
  closeMenus(event.target);
});

// A dialog that the server sent open becomes a modal one.
function raise() {
  for (const dialog of document.querySelectorAll("dialog[data-open-now]")) {
    delete dialog.dataset.openNow;
    dialog.close();
    dialog.showModal();
  }
}
document.addEventListener("htmx:afterSettle", raise);
raise();

document.addEventListener("toggle", (event) => {
  const menu = event.target;
  if (!menu.matches?.("details.menu")) return;
  if (menu.open) {
    closeMenus(menu);
    keepOnScreen(menu);
    (menu.querySelector(".menu-list input:not([type=hidden])") ?? menu.querySelector(".menu-item"))?.focus({ preventScroll: true });
  }
}, true);

function keepOnScreen(menu) {
  const list = menu.querySelector(".menu-list, .menu-panel");
  if (!list) return;
  delete menu.dataset.up;
  const box = list.getBoundingClientRect();
  if (box.bottom > innerHeight && menu.getBoundingClientRect().top > box.height) menu.dataset.up = "";
  if (box.left < 0) menu.dataset.align = "start";
  if (box.right > innerWidth) delete menu.dataset.align;
}

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("details.menu[open]") ?? document.querySelector("details.menu[open]");
  if (!menu) return;
  if (event.key === "Escape") {
    menu.open = false;
    menu.querySelector("summary").focus();
    event.stopPropagation();
    event.preventDefault();
    return;
  }
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const items = [...menu.querySelectorAll(".menu-item")].filter((item) => item.offsetParent);
  if (items.length === 0) return;
  const step = event.key === "ArrowDown" ? 1 : -1;
  const at = items.indexOf(document.activeElement);
  items[(at + step + items.length) % items.length].focus();
  event.preventDefault();
});

// A menu's own search field narrows its items.
document.addEventListener("input", (event) => {
  const filter = event.target.closest?.("[data-filters-menu]");
  if (!filter) return;
  const wanted = filter.value.trim().toLocaleLowerCase();
  for (const item of filter.closest(".menu-list").querySelectorAll(".menu-item:not([data-always])")) {
    item.hidden = !item.textContent.toLocaleLowerCase().includes(wanted);
  }
});
