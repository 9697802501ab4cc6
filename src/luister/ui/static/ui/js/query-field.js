// A field for queries: completion while one types, and what is wrong shown under the word it is about.
//
// The server knows the language. Both addresses take a POST with `q` and `scope`; offsets count code points.
//   data-suggest-url  + `at`, the cursor → {start, end, options: [{text, insert, about}]}
//   data-check-url    + `at` while one types → {mistake: null | {start, length, sentence}, says}
//                     A word that is not finished at the cursor is no mistake yet.
// When what was typed is in order the field fires `luister:query-ready`, with `query` in its detail; when it is not any
// longer, `luister:query-mistaken`.

import { open } from "./dialog.js";
import { post } from "./post.js";
import { announce, text } from "./texts.js";

const SUGGEST_PATIENCE = 90;
const CHECK_PATIENCE = 350;

/** Return the index in UTF-16 of a number of code points, and the other way around. */
const toIndex = (words, points) => [...words].slice(0, points).join("").length;
const toPoints = (words, index) => [...words.slice(0, index)].length;

class QueryField {
  constructor(root) {
    this.root = root;
    this.input = root.querySelector("input, textarea");
    this.mirror = root.querySelector(".query-mirror");
    this.list = root.querySelector(".query-options");
    this.sentence = root.querySelector(".query-mistake");
    this.says = root.querySelector("[data-query-says]");
    this.options = [];
    this.range = [0, 0];
    this.active = -1;
    this.turn = 0;
    this.ready = this.input.defaultValue; // what was typed before this script came is not checked yet
    if (root.dataset.suggestUrl) this.completes();
    if (root.dataset.checkUrl) this.checks();
    this.input.addEventListener("scroll", () => this.align());
    new ResizeObserver(() => this.align()).observe(this.input);
    this.align();
  }

  // Completion

  completes() {
    const { input, list } = this;
    input.setAttribute("aria-autocomplete", "list");
    if (!input.matches("textarea")) input.setAttribute("role", "combobox"); // which a field of several lines cannot be
    this.expand(false);
    input.setAttribute("aria-controls", list.id);
    input.addEventListener("input", () => this.plan());
    input.addEventListener("keydown", (event) => this.onKey(event));
    input.addEventListener("blur", () => this.close());
    input.addEventListener("pointerdown", () => this.close());
    // Pressing an option must not take the focus out of the field.
    list.addEventListener("pointerdown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.take([...list.children].indexOf(option));
    });
  }

  expand(isOpen) {
    if (this.input.getAttribute("role") === "combobox") this.input.setAttribute("aria-expanded", String(isOpen));
  }

  plan() {
    clearTimeout(this.suggesting);
    this.suggesting = setTimeout(() => this.suggest(), SUGGEST_PATIENCE);
  }

  async suggest({ isAsked = false } = {}) {
    clearTimeout(this.suggesting);
    const { input } = this;
    const words = input.value;
    const cursor = input.selectionStart;
    if (cursor !== input.selectionEnd) return this.close();
    const turn = ++this.turn;
    const fields = { q: words, at: toPoints(words, cursor), scope: this.root.dataset.scope };
    if (isAsked) fields.asked = "1";
    const found = await ask(this.root.dataset.suggestUrl, fields);
    const isLate = turn !== this.turn || words !== input.value || document.activeElement !== input;
    if (!found || isLate) return undefined;
    this.range = [toIndex(words, found.start), toIndex(words, found.end)];
    this.show(found.options, found.chosen ?? -1);
    return undefined;
  }

  show(options, chosen) {
    if (options.length === 0) return this.close();
    this.options = options;
    this.list.replaceChildren(...options.map((option, place) => this.draw(option, place)));
    const wasOpen = !this.list.hidden;
    this.list.hidden = false;
    this.expand(true);
    this.choose(chosen);
    if (!wasOpen) announce(text("suggestions", options.length));
    return undefined;
  }

  draw({ text: written, about }, place) {
    const option = document.createElement("li");
    option.className = "menu-item";
    option.id = `${this.list.id}-${place}`;
    option.setAttribute("role", "option");
    const code = document.createElement("bdi");
    code.textContent = written;
    option.append(code);
    if (about) {
      const hint = document.createElement("span");
      hint.className = "menu-hint truncate";
      hint.textContent = about;
      option.append(" ", hint);
    }
    return option;
  }

  choose(to) {
    this.active = to;
    for (const [place, option] of [...this.list.children].entries()) {
      option.toggleAttribute("data-active", place === to);
      option.setAttribute("aria-selected", String(place === to));
    }
    const option = this.list.children[to];
    if (option) {
      this.input.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else this.input.removeAttribute("aria-activedescendant");
  }

  close() {
    clearTimeout(this.suggesting);
    this.turn += 1;
    this.list.hidden = true;
    this.options = [];
    this.active = -1;
    this.expand(false);
    this.input.removeAttribute("aria-activedescendant");
  }

  take(place) {
    const { insert } = this.options[place];
    const [start, end] = this.range;
    const { input } = this;
    const goesOn = insert.endsWith(":") || /^[\s)]/.test(input.value.slice(end));
    const written = goesOn ? insert : `${insert} `;
    this.close();
    input.focus();
    input.setRangeText(written, start, end, "end");
    input.dispatchEvent(new InputEvent("input", { bubbles: true }));
    input.scrollLeft = input.scrollWidth;
  }

  onKey(event) {
    if (event.isComposing || event.altKey || event.metaKey) return;
    const isOpen = !this.list.hidden;
    const count = this.options.length;
    const answers = {
      ArrowDown: () => (isOpen ? this.choose(this.active + 1 >= count ? 0 : this.active + 1) : this.asks()),
      ArrowUp: () => (isOpen ? this.choose(this.active <= 0 ? count - 1 : this.active - 1) : false),
      Enter: () => (isOpen && this.active >= 0 ? this.take(this.active) : this.close() ?? false),
      Tab: () => (isOpen && this.active >= 0 && !event.shiftKey ? this.take(this.active) : false),
      Escape: () => (isOpen ? this.close() : false),
      " ": () => (event.ctrlKey ? this.suggest({ isAsked: true }) : false),
    };
    const answer = answers[event.key];
    if (!answer || (event.ctrlKey && event.key !== " ") || answer() === false) return;
    event.preventDefault();
    event.stopPropagation();
  }

  asks() {
    // In a field of several lines the arrows belong to the text.
    if (this.input.matches("textarea")) return false;
    this.suggest({ isAsked: true });
    return undefined;
  }

  // What is wrong

  checks() {
    const { input } = this;
    input.addEventListener("input", () => {
      this.forget();
      clearTimeout(this.checking);
      this.checking = setTimeout(() => this.check({ isTyping: true }), CHECK_PATIENCE);
    });
    input.addEventListener("blur", () => {
      if (input.value !== this.ready) this.check({ isTyping: false });
    });
    // What is submitted is on its way already: it is checked, and not announced a second time.
    input.form?.addEventListener("submit", () => {
      this.close();
      this.ready = input.value;
      this.check({ isTyping: false });
    });
    // What was typed before this script came is checked now, as what stood here already is explained.
    const isExplained = this.says && input.value.trim() && !this.sentence.textContent.trim();
    if (isExplained || input.value !== input.defaultValue) this.check({ isTyping: document.activeElement === input });
  }

  async check({ isTyping }) {
    clearTimeout(this.checking);
    const { input } = this;
    const words = input.value;
    const fields = { q: words, scope: this.root.dataset.scope };
    if (isTyping) fields.at = toPoints(words, input.selectionStart);
    const found = await ask(this.root.dataset.checkUrl, fields);
    if (!found || words !== input.value) return;
    if (this.says) this.says.textContent = found.says ?? "";
    if (found.mistake) return this.tell(found.mistake);
    this.forget();
    if (found.unfinished || words === this.ready) return;
    this.ready = words;
    input.dispatchEvent(new CustomEvent("luister:query-ready", { bubbles: true, detail: { query: words } }));
  }

  tell({ start, length, sentence }) {
    const words = this.input.value;
    const from = toIndex(words, start);
    const to = toIndex(words, start + length);
    const mark = document.createElement("mark");
    mark.textContent = words.slice(from, to);
    mark.toggleAttribute("data-gap", from === to);
    this.mirror.replaceChildren(words.slice(0, from), mark, words.slice(to));
    this.root.toggleAttribute("data-error", true);
    this.input.setAttribute("aria-invalid", "true");
    if (this.sentence.textContent !== sentence) this.sentence.textContent = sentence;
    this.align();
    if (this.ready === null) return;
    this.ready = null; // what was in order before has to be told again when it is back
    this.input.dispatchEvent(new CustomEvent("luister:query-mistaken", { bubbles: true }));
  }

  forget() {
    if (!this.root.hasAttribute("data-error")) return;
    this.root.removeAttribute("data-error");
    this.input.removeAttribute("aria-invalid");
    this.mirror.replaceChildren();
    this.sentence.textContent = "";
  }

  /** Keep the underlining under the word, and the sentence under both. */
  align() {
    const { input, mirror, root } = this;
    mirror.scrollLeft = input.scrollLeft;
    mirror.scrollTop = input.scrollTop;
    const mark = mirror.querySelector("mark");
    if (!mark) return;
    const box = root.getBoundingClientRect();
    const place = mark.getClientRects()[0] ?? mark.getBoundingClientRect();
    const at = Math.max(8, Math.min(place.left - box.left, box.width - 24));
    root.style.setProperty("--mistake-at", `${Math.round(at)}px`);
  }
}

async function ask(url, fields) {
  const answer = await post(url, fields).catch(() => null);
  // Help while typing that does not come is missed by nobody; what is submitted tells its own failure.
  return answer?.ok && !answer.redirected ? answer.json() : null;
}

async function showHelp(link) {
  let dialog = document.getElementById("query-help");
  if (!dialog) {
    const answer = await fetch(link.href, { headers: { "X-Requested-With": "fetch" } }).catch(() => null);
    if (!answer?.ok) return location.assign(link.href);
    dialog = document.createElement("dialog");
    dialog.id = "query-help";
    dialog.className = "dialog";
    dialog.dataset.size = "l";
    dialog.setAttribute("aria-labelledby", "query-help-heading");
    dialog.innerHTML = await answer.text();
    document.body.append(dialog);
  }
  return open(dialog);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("[data-query-help]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  showHelp(link);
});

const known = new WeakSet();
function upgrade() {
  for (const root of document.querySelectorAll("[data-query-field]")) {
    if (known.has(root)) continue;
    known.add(root);
    new QueryField(root);
  }
}
document.addEventListener("htmx:afterSettle", upgrade);
upgrade();
