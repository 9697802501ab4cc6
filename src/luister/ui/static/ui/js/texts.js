// The words of the page's language, put there by the server.

const texts = JSON.parse(document.getElementById("ui-texts")?.textContent ?? "{}");

/** Return a text by name; `%s` in it is replaced by the values in turn. */
export function text(name, ...values) {
  return values.reduce((sentence, value) => sentence.replace("%s", value), texts[name] ?? name);
}

/** Have a screen reader say something once. */
export function announce(sentence) {
  const announcer = document.getElementById("announcer");
  if (!announcer) return;
  announcer.textContent = "";
  // A text that is set twice in a row is only read when the element was empty in between.
  setTimeout(() => (announcer.textContent = sentence), 50);
}

/** Return whether what has the focus is being typed in. */
export function isField(element) {
  return Boolean(
    element?.closest?.(
      'textarea, select, [contenteditable=""], [contenteditable="true"], input:not([type="checkbox"], [type="radio"], [type="button"], [type="submit"])',
    ),
  );
}
