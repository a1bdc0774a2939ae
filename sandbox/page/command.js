/** A chosen slash command: its options as pills in the composer, each by its kind. */
import { el } from "./dom.js";
import { Pill } from "./pill.js";
import { commandsHere } from "./store.js";

const CHAT_INPUT = 1;
const SUBCOMMAND = 1;
const GROUP = 2;
const STRING = 3;
const ATTACHMENT = 11;

/** List every command a person can type, subcommands as "budget view". */
export function typable() {
  const slash = commandsHere().filter(({ type }) => (type ?? CHAT_INPUT) === CHAT_INPUT);
  return slash.flatMap((command) => leaves(command, command.name)).sort((a, b) => words(a) - words(b) || a.name.localeCompare(b.name));
}

const words = ({ name }) => name.split(" ").length;

function leaves(node, name) {
  const options = node.options ?? [];
  const inner = options.filter(({ type }) => type <= GROUP);
  if (inner.length && [SUBCOMMAND, GROUP].includes(inner[0].type)) return inner.flatMap((option) => leaves(option, `${name} ${option.name}`));
  return [{ name, description: node.description, options }];
}

/** Tell whether an option takes whatever is typed. */
export const takesWords = (option) => option?.type === STRING && !option.choices;

/** Show what a command needs at a glance: "prompt image +3". */
export function signature(command) {
  const needed = command.options.filter(({ required }) => required).map(({ name }) => name);
  const more = command.options.length - needed.length;
  return [...needed, more && `+${more}`].filter(Boolean).join(" ");
}

/** Rank commands for what was typed: by beginning, then anywhere in name or description. */
export function matching(text) {
  const wanted = text.toLowerCase().trim();
  const rank = ({ name, description }) => {
    if (name.startsWith(wanted)) return 0;
    if (name.includes(wanted)) return 1;
    return description.toLowerCase().includes(wanted) ? 2 : 3;
  };
  return typable().map((command) => [rank(command), command]).filter(([order]) => order < 3).sort(([a], [b]) => a - b).map(([, command]) => command);
}

export class CommandForm {
  /** `hooks`: send(), leave(), problem(text). */
  constructor(command, suggestions, hooks) {
    Object.assign(this, { command, suggestions, hooks, pills: [], letters: "" });
    this.more = el("button", { type: "button", class: "more-options", "aria-haspopup": "listbox", "aria-expanded": "false",
      onclick: () => this.offer(), onfocus: () => this.offer(""), onblur: () => suggestions.hide(), onkeydown: (event) => this.key(event) });
    this.name = el("button", { type: "button", class: "command-name", tabindex: "-1", onkeydown: (event) => this.key(event) }, `/${command.name}`);
    this.node = el("div", { class: "command", role: "group", "aria-label": `/${command.name}` }, this.name, this.more);
    for (const option of command.options.filter(({ required }) => required)) this.add(option);
    this.count();
  }

  get left() {
    return this.command.options.filter((option) => !this.pills.some((pill) => pill.option === option));
  }

  add(option) {
    const pill = new Pill(option, this);
    this.pills.push(pill);
    this.more.before(pill.node);
    this.count();
    return pill;
  }

  /** Put files that were dropped or pasted into the options that take one. */
  take(files) {
    for (const file of files) {
      const spare = this.left.find(({ type }) => type === ATTACHMENT);
      const pill = this.pills.find((each) => each.isFile && each.isEmpty) ?? (spare && this.add(spare));
      if (!pill) return this.hooks.problem("No option here takes another file");
      pill.picker.add([file]);
    }
    return this.name.focus();
  }

  remove(pill) {
    const at = this.pills.indexOf(pill);
    const neighbour = this.pills[at - 1] ?? this.pills[at + 1];
    this.pills.splice(at, 1);
    pill.node.remove();
    this.suggestions.hide();
    this.count();
    (neighbour ?? this.more).focus();
  }

  count() {
    this.more.hidden = !this.left.length;
    this.more.textContent = `+${this.left.length} more`;
  }

  /** Offer the options not yet there; none is chosen until letters were typed, so that Enter still sends. */
  offer(letters = this.letters) {
    const fitting = this.left.filter(({ name }) => name.startsWith(letters));
    this.letters = fitting.length ? letters : "";
    const items = (fitting.length ? fitting : this.left).map((option) => ({ label: option.name, hint: option.description, option }));
    if (items.length) this.suggestions.show(this.more, ["Options"], items, ({ option }) => this.add(option).focus(), this.letters ? 0 : -1);
  }

  key(event) {
    if (event.key === "Tab") return this.suggestions.hide();
    if (event.key.length === 1 && !event.ctrlKey && !event.metaKey) return this.begin(event);
    if (this.suggestions.key(event)) return undefined;
    if (event.key === "Enter") {
      event.preventDefault();
      return this.hooks.send();
    }
    if (event.key === "Escape") this.escape(event);
    if (["Backspace", "ArrowLeft"].includes(event.key)) this.back(event);
    return undefined;
  }

  /** Letters begin the first option if nothing is there yet and it takes words; else they pick an option by name. */
  begin(event) {
    const [first] = this.command.options;
    if (!this.pills.length && takesWords(first)) return this.add(first).focus();
    event.preventDefault();
    return this.offer(this.letters + event.key.toLowerCase());
  }

  back(event) {
    event.preventDefault();
    if (this.pills.length) this.pills.at(-1).focus();
    else if (event.key === "Backspace") this.hooks.leave();
  }

  escape(event) {
    event.preventDefault();
    event.stopPropagation();
    if (this.suggestions.isOpen) this.suggestions.hide();
    else this.hooks.leave();
  }

  /** Go to the pill `step` places on; past the end is the button for more. */
  go(pill, step) {
    const next = this.pills[this.pills.indexOf(pill) + step];
    if (next) next.focus();
    else if (step > 0 && !this.more.hidden) this.more.focus();
  }

  /** After a value was picked: on to the next empty pill, or to where Enter sends. */
  advance(pill) {
    const next = this.pills.slice(this.pills.indexOf(pill) + 1).find((each) => each.isEmpty);
    if (next) return next.focus();
    const stay = pill.isFile ? this.pills.find((each) => !each.isFile) : pill;
    return stay ? stay.focus({ quietly: true }) : this.name.focus();
  }

  focus() {
    (this.pills.find((pill) => pill.isEmpty) ?? this.pills[0] ?? (this.more.hidden ? this.name : this.more)).focus();
  }

  /** Give what is typed so far, unchecked (an autocomplete asks with it). */
  typed() {
    return Object.fromEntries(this.pills.filter((pill) => !pill.isFile && !pill.isEmpty).map((pill) => [pill.option.name, pill.value]));
  }

  /** Give {options, files} when every pill is right, else mark the first wrong one and give null. */
  collect() {
    this.hooks.problem("");
    const wrong = this.pills.map((pill) => [pill, pill.check()]).filter(([, problem]) => problem);
    if (wrong.length) {
      const [pill, problem] = wrong[0];
      pill.focus({ quietly: true });
      this.hooks.problem(`${pill.option.name}: ${problem}`);
      return null;
    }
    const files = Object.fromEntries(this.pills.filter((pill) => pill.isFile && !pill.isEmpty).map((pill) => [pill.option.name, pill.value]));
    return { options: this.typed(), files };
  }
}

