// Light, dark, or as the device: shown at once, and kept by the form that was used.

document.addEventListener("change", (event) => {
  const choice = event.target.closest?.("[data-theme-choice]");
  if (choice) document.documentElement.dataset.theme = choice.value;
});

document.addEventListener("click", (event) => {
  const choice = event.target.closest?.("button[data-theme-choice]");
  if (choice) document.documentElement.dataset.theme = choice.value;
});
