// The command palette: type a name, words or a number, and go there.

import { open } from "../ui/js/dialog.js";

const PATIENCE = 180;

const dialog = document.getElementById("palette");
const words = document.getElementById("palette-words");
const found = document.getElementById("palette-found");
let timer = 0;
let asked = 0;

const options = () => [...found.querySelectorAll(".menu-item:not([hidden])")];

function choose(to) {
  const all = options();
  for (const [position, option] of all.entries()) {
    option.id = `palette-${position}`;
    const isChosen = position === to;
    option.toggleAttribute("data-active", isChosen);
    option.setAttribute("aria-selected", String(isChosen));
  }
  if (all[to]) {
    words.setAttribute("aria-activedescendant", all[to].id);
    all[to].scrollIntoView({ block: "nearest" });
  } else words.removeAttribute("aria-activedescendant");
}

function chosen() {
  return options().findIndex((option) => option.hasAttribute("data-active"));
}

async function ask() {
  const turn = ++asked;
  const url = `${document.body.dataset.paletteUrl}?q=${encodeURIComponent(words.value)}`;
  const answer = await fetch(url, { headers: { "X-Requested-With": "fetch" } });
  if (turn !== asked || !answer.ok || answer.redirected) return;
  found.innerHTML = await answer.text();
  const wanted = words.value.trim().toLocaleLowerCase();
  for (const option of found.querySelectorAll("[data-narrows]")) {
    option.hidden = !option.textContent.toLocaleLowerCase().includes(wanted);
  }
  found.querySelector("[data-group]").hidden = !found.querySelector("[data-narrows]:not([hidden])");
  choose(0);
}

document.body.addEventListener("luister:key", (event) => {
  if (event.detail.action !== "palette" || !dialog) return;
  event.preventDefault();
  open(dialog);
});
dialog?.addEventListener("toggle", () => {
  if (!dialog.open) return;
  words.select();
  ask();
});
words?.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(ask, PATIENCE);
});
words?.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) {
    const count = options().length;
    choose((chosen() + step + count) % count);
    event.preventDefault();
  }
  if (event.key === "Enter") {
    event.preventDefault();
    options()[chosen()]?.click();
  }
});
