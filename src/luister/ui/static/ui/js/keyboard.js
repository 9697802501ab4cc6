// The keyboard map. Single characters act only while nobody is typing; Ctrl or Cmd combinations act everywhere.
// An element says with `data-shortcut` which action it is: it is then clicked, or focused where it is a field.
// Other actions are for scripts: they listen to the event `luister:key` with the action's name in its detail.

import { open } from "./dialog.js";
import { isField } from "./texts.js";
import { undoLast } from "./toast.js";

const SEQUENCE_PATIENCE = 1200;

const map = JSON.parse(document.body.dataset.keyMap ?? '{"keys":{},"aliases":{}}');
const actions = new Map(Object.entries(map.aliases));
for (const [action, key] of Object.entries(map.keys)) actions.set(key, action);
const openers = new Set([...actions.keys()].filter((key) => key.includes(" ")).map((key) => key.split(" ")[0]));

let begun = "";
let begunAt = 0;

function actionOf(event) {
  if (begun && event.timeStamp - begunAt < SEQUENCE_PATIENCE) {
    const whole = `${begun} ${event.key}`;
    begun = "";
    if (actions.has(whole)) return actions.get(whole);
  }
  if (openers.has(event.key)) {
    begun = event.key;
    begunAt = event.timeStamp;
    return actions.has(event.key) ? actions.get(event.key) : "begin";
  }
  return actions.get(event.key);
}

/** Do what an action stands for; return whether anything answered. */
export function act(action, event = null) {
  const notice = new CustomEvent("luister:key", { bubbles: true, cancelable: true, detail: { action, event } });
  if (!document.body.dispatchEvent(notice)) return true;
  if (action === "undo" && undoLast()) return true;
  const target = [...document.querySelectorAll(`[data-shortcut~="${CSS.escape(action)}"]`)].find(
    (element) => element.checkVisibility?.() ?? element.offsetParent,
  );
  if (target) {
    if (isField(target)) target.focus();
    else target.click();
    return true;
  }
  if (action === "help") {
    showKeys();
    return true;
  }
  return false;
}

async function showKeys() {
  let dialog = document.getElementById("keys");
  if (!dialog) {
    const answer = await fetch(document.body.dataset.keysUrl, { headers: { "X-Requested-With": "fetch" } });
    if (!answer.ok) return;
    dialog = document.createElement("dialog");
    dialog.id = "keys";
    dialog.className = "dialog";
    dialog.dataset.size = "l";
    dialog.setAttribute("aria-labelledby", "keys-heading");
    dialog.innerHTML = await answer.text();
    document.body.append(dialog);
  }
  open(dialog);
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing) return;
  const isCommand = (event.ctrlKey || event.metaKey) && !event.altKey;
  if (isCommand && event.key.toLowerCase() === "k") {
    if (act("palette", event)) event.preventDefault();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (isField(event.target)) {
    if (event.key === "Escape" && !event.target.closest("dialog")) {
      event.target.blur();
      event.preventDefault();
    }
    return;
  }
  if (document.querySelector("dialog[open]")) return;
  const isLetter = event.key.length === 1;
  if (isLetter && document.body.dataset.singleKeys === "off") return;
  // Enter and Space belong to whatever has the focus.
  if (event.key === "Enter" && event.target.closest("a, button, summary, input, label")) return;
  const action = actionOf(event);
  if (action && (action === "begin" || act(action, event))) event.preventDefault();
});
