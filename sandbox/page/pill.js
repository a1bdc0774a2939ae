/** One option of a slash command: text, a number, a list, a live list, or a file. */
import { bare, optionChoices } from "./choices.js";
import { el, icon } from "./dom.js";
import { filePicker } from "./files.js";
import { post } from "./store.js";

const KIND = { integer: 4, number: 10, attachment: 11 };
const DEBOUNCE_MS = 200;
const REQUIRED = "This option is required";
let serial = 0;

export class Pill {
  constructor(option, form) {
    Object.assign(this, { option, form, picked: null, asked: 0, timer: null });
    this.isFile = option.type === KIND.attachment;
    this.items = optionChoices(option);
    const id = `option-${++serial}`;
    this.label = el("label", { class: "pill-name", for: this.isFile ? null : id, title: option.description }, option.name);
    this.field = this.isFile ? this.fileField() : this.textField(id);
    this.node = el("div", { class: `option-pill ${this.isFile ? "file" : ""}`, "data-option": option.name }, this.label, this.field);
  }

  textField(id) {
    const isList = this.items || this.option.autocomplete;
    this.input = el("textarea", {
      id, rows: "1", role: isList ? "combobox" : null, "aria-autocomplete": isList ? "list" : null, "aria-expanded": isList ? "false" : null,
      "aria-description": this.option.description, "aria-required": this.option.required ? "true" : null, spellcheck: isList ? "false" : null,
      maxlength: this.option.max_length, inputmode: this.option.type === KIND.integer ? "numeric" : null, enterkeyhint: "send",
      oninput: () => this.typed(), onfocus: () => this.isQuiet || this.offer(), onblur: () => this.left(), onkeydown: (event) => this.key(event),
    });
    return this.input;
  }

  fileField() {
    this.picker = filePicker({ max: 1, onchange: () => this.mark("") });
    this.picker.input.addEventListener("change", () => this.isEmpty || this.form.advance(this));
    this.picker.button.addEventListener("keydown", (event) => this.key(event));
    this.picker.button.addEventListener("focus", () => this.offer());
    this.picker.button.addEventListener("blur", () => this.form.suggestions.hide());
    return this.picker.node;
  }

  get isEmpty() {
    return this.isFile ? this.picker.isEmpty() : !this.input.value.trim();
  }

  get value() {
    if (this.isFile) return this.picker.ids()[0];
    if (this.picked) return this.picked.value;
    const text = this.input.value.trim();
    const isNumber = [KIND.integer, KIND.number].includes(this.option.type);
    return isNumber && text !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
  }

  /** Fill it as a person would by typing. */
  set(text) {
    this.input.value = text;
    this.picked = this.items?.find((item) => item.label === text) ?? null;
  }

  focus({ quietly = false } = {}) {
    this.isQuiet = quietly;
    (this.input ?? this.picker).focus();
    this.isQuiet = false;
    if (quietly) this.form.suggestions.hide();
  }

  typed() {
    this.input.value = this.input.value.replaceAll("\n", " ");
    this.picked = null;
    this.mark("");
    this.form.hooks.problem("");
    this.offer();
  }

  /** Show what it can take: its list (filtered by what is typed), its live list, or its description. */
  offer() {
    const { option } = this;
    const title = [el("strong", {}, option.name), " ", option.description];
    if (option.autocomplete) return this.ask(title);
    const wanted = this.picked ? "" : bare(this.input?.value.trim().toLowerCase() ?? "");
    const items = (this.items ?? []).filter(({ label }) => label.toLowerCase().includes(wanted));
    return this.form.suggestions.show(this.input ?? this.picker.button, title, items.slice(0, 25), (item) => this.pick(item));
  }

  ask(title) {
    const turn = ++this.asked;
    const show = (note, items = []) => turn === this.asked && document.activeElement === this.input
      && this.form.suggestions.show(this.input, [...title, note && el("em", {}, ` ${note}`)].filter(Boolean), items, (item) => this.pick(item));
    show("Loading…");
    clearTimeout(this.timer);
    this.timer = setTimeout(async () => {
      try {
        const options = { ...this.form.typed(), [this.option.name]: this.picked ? this.picked.label : this.input.value };
        const { choices } = await post("autocomplete", { name: this.form.command.name, options, focused: this.option.name });
        show(choices.length ? null : "No options match your search.", choices.map(({ name, value }) => ({ label: name, value })));
      } catch {
        show("Loading options failed.");
      }
    }, DEBOUNCE_MS);
  }

  pick(item) {
    this.input.value = item.label;
    this.picked = item;
    this.mark("");
    this.form.advance(this);
  }

  left() {
    this.asked++;
    clearTimeout(this.timer);
    const text = bare(this.input.value.trim().toLowerCase());
    if (!this.picked) this.picked = this.items?.find(({ label }) => bare(label.toLowerCase()) === text) ?? null;
    this.form.suggestions.hide();
  }

  key(event) {
    const { form, input } = this;
    if (event.isComposing || form.suggestions.key(event)) return;
    const act = {
      Escape: () => form.escape(event),
      Enter: () => !this.isFile && !event.shiftKey && this.stop(event, () => form.hooks.send()),
      Backspace: () => this.isEmpty && this.stop(event, () => this.erase()),
      ArrowLeft: () => (!input || input.selectionEnd === 0) && this.stop(event, () => form.go(this, -1)),
      ArrowRight: () => (!input || input.selectionStart === input.value.length) && this.stop(event, () => form.go(this, 1)),
    }[event.key];
    act?.();
  }

  stop(event, act) {
    event.preventDefault();
    act();
  }

  erase() {
    if (!this.option.required) this.form.remove(this);
    else if (this.form.pills.every((pill) => pill.isEmpty)) this.form.hooks.leave();
    else this.form.go(this, -1);
  }

  /** Say what is wrong with it, "" when nothing is; the pill shows it too. */
  check() {
    return this.mark(this.problem());
  }

  problem() {
    const { option } = this;
    if (this.isFile && this.picker.isBusy()) return "The upload is still running";
    if (this.isEmpty || this.value === undefined) return REQUIRED;
    if (this.items && !this.picked) return "Choose one from the list";
    if (this.picked || this.isFile) return "";
    if (option.type === KIND.integer && !Number.isInteger(this.value)) return "Enter a whole number";
    if (option.type === KIND.number && typeof this.value !== "number") return "Enter a number";
    if (option.min_value != null && this.value < option.min_value) return `Enter at least ${option.min_value}`;
    if (option.max_value != null && this.value > option.max_value) return `Enter at most ${option.max_value}`;
    return this.value.length < (option.min_length ?? 0) ? `Write at least ${option.min_length} characters` : "";
  }

  mark(problem) {
    this.node?.classList.toggle("wrong", Boolean(problem));
    this.input?.setAttribute("aria-invalid", String(Boolean(problem)));
    this.node?.querySelector(".pill-problem")?.remove();
    if (problem) this.node.append(el("span", { class: "pill-problem", title: problem }, icon("warn")));
    return problem;
  }
}
