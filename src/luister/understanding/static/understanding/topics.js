// Giving and taking off topics: the list grows shorter while one types, and the focus stays in the row.

document.addEventListener("input", (event) => {
  const field = event.target.closest?.("[data-topic-name]");
  if (!field) return;
  const typed = plain(field.value);
  const names = [...(field.form.parentElement.querySelectorAll(".topic-choices .menu-item") ?? [])];
  for (const name of names) name.hidden = !plain(name.value).includes(typed);
});

function plain(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replace(/\s+/g, " ").trim();
}

// The button that was pressed goes with its topic, also where the row is drawn anew before the answer is there: what is
// beside it takes the focus.
let next = "";

document.addEventListener("submit", (event) => {
  next = event.target.closest?.("[data-topic-off]")?.dataset.topicOff ?? "";
});

document.addEventListener("focusin", (event) => {
  if (event.target.id !== next && !event.target.closest("[data-topic-off]")) next = "";
});

for (const name of ["htmx:oobAfterSwap", "htmx:afterRequest"]) {
  document.body.addEventListener(name, () => {
    if (next && document.activeElement === document.body) document.getElementById(next)?.focus({ preventScroll: true });
  });
}
