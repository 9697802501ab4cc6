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

// The button that was pressed is gone with its topic: what is beside it takes the focus.
document.body.addEventListener("htmx:afterRequest", (event) => {
  const { elt, successful } = event.detail;
  const next = elt.closest?.("[data-topic-off]")?.dataset.topicOff;
  if (successful && next) document.getElementById(next)?.focus({ preventScroll: true });
});
