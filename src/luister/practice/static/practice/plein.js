// Plein's pages work without this; it counts characters, puts in mentions, and says when the server is gone.

const trouble = document.querySelector("#trouble");

for (const area of document.querySelectorAll("[data-counts]")) {
  const left = document.getElementById(area.dataset.counts);
  const limit = Number(left.dataset.limit);
  const count = () => {
    // As the network counts: one for each code point.
    const rest = limit - [...area.value].length;
    left.textContent = left.dataset.words.replace("{n}", rest);
    left.toggleAttribute("data-short", rest < limit / 10);
  };
  area.addEventListener("input", count);
  count();
  area.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) area.form.requestSubmit();
  });
}

document.addEventListener("click", (event) => {
  const chip = event.target.closest("[data-mention]");
  const area = chip?.closest("form")?.querySelector("textarea");
  if (!area) return;
  event.preventDefault();
  const mention = `@${chip.dataset.mention} `;
  if (!area.value.includes(mention.trim())) {
    area.value = area.value.trim() ? `${area.value.trimEnd()} ${mention}` : mention;
    area.dispatchEvent(new Event("input"));
  }
  area.focus();
});

// A second click while the first is on its way sends nothing.
document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-once]")) return;
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = "1";
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("[data-sent]")) delete form.dataset.sent;
});

for (const name of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
  document.addEventListener(name, () => {
    trouble.hidden = false;
  });
}
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.successful) trouble.hidden = true;
});
