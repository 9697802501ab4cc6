// Copies a field's text: <button data-copy="ID of the field" data-done="what to say then">.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const field = document.getElementById(button.dataset.copy);
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
  } catch {
    return; // without permission the text is at least selected, for Ctrl+C
  }
  const words = button.querySelector("[data-words]");
  const before = words.textContent;
  words.textContent = button.dataset.done;
  document.getElementById("announcer").textContent = button.dataset.done;
  setTimeout(() => (words.textContent = before), 3000);
});
