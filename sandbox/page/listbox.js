/** A list one picks from with the arrows or a finger, and the drop-down button made of it. */
import { bare } from "./choices.js";
import { avatar, el, hex, icon } from "./dom.js";

const LETTERS_MS = 900;
let serial = 0;

/** The list itself; the focus stays on its `owner` (an input or a button), as ARIA's combobox wants. */
export class Listbox {
  constructor(label) {
    this.node = el("ul", { class: "listbox", role: "listbox", id: `listbox-${++serial}`, "aria-label": label });
    this.items = [];
    this.active = -1;
  }

  /** Show `items` ({label, hint?, detail?, disabled?…}); `onpick` gets the chosen one. */
  fill(items, onpick, { active = 0, isChosen = () => false } = {}) {
    this.items = items;
    this.onpick = onpick;
    this.node.replaceChildren(...items.map((item, index) => this.option(item, index, isChosen(item))));
    this.go(items.length ? Math.min(active, items.length - 1) : -1);
  }

  option(item, index, chosen) {
    return el("li", {
      class: "option", role: "option", id: `${this.node.id}-${index}`, "aria-selected": chosen ? "true" : "false",
      onpointermove: () => this.active !== index && this.go(index, false),
      onmousedown: (event) => event.preventDefault(),
      onclick: () => this.pick(index),
    },
    sign(item),
    el("span", { class: "option-text" }, el("span", { class: "option-label" }, item.label, item.signature && el("span", { class: "signature" }, item.signature)),
      item.hint && el("span", { class: "option-hint" }, item.hint)),
    item.detail && el("span", { class: "option-detail" }, item.detail),
    icon("check"));
  }

  go(index, scroll = true) {
    this.node.children[this.active]?.classList.remove("active");
    this.active = index;
    const option = this.node.children[index];
    option?.classList.add("active");
    if (scroll) option?.scrollIntoView({ block: "nearest" });
    if (option) this.owner?.setAttribute("aria-activedescendant", option.id);
    else this.owner?.removeAttribute("aria-activedescendant");
  }

  pick(index = this.active) {
    if (this.items[index]) this.onpick(this.items[index], index);
  }

  /** Take a key press; false when it is none of the list's keys. */
  key(event) {
    const last = this.items.length - 1;
    if (last < 0) return false;
    const moves = { ArrowDown: this.active >= last ? 0 : this.active + 1, ArrowUp: this.active <= 0 ? last : this.active - 1, PageUp: 0, PageDown: last };
    if (event.key in moves) this.go(moves[event.key]);
    else if (this.active >= 0 && (event.key === "Enter" || (event.key === "Tab" && !event.shiftKey))) this.pick();
    else return false;
    event.preventDefault();
    return true;
  }
}

/** Draw what stands before an option: a face, a role's colour, or an icon. */
function sign({ user, color, icon: name }) {
  if (user) return avatar(user, user.avatar_color, "small");
  if (color !== undefined) return el("span", { class: "role-dot", style: color ? `background:${hex(color)}` : null });
  return name ? el("span", { class: "option-sign" }, icon(name)) : null;
}

/** A select: closed it shows what is chosen, open it is a list; several values are sent when it closes. */
export class Dropdown {
  constructor({ label, placeholder = "Make a selection", options, min = 1, max = 1, disabled = false, onchange, key = null }) {
    Object.assign(this, { placeholder, options, min, max, onchange });
    this.values = options.filter((option) => option.chosen).map((option) => option.value);
    this.list = new Listbox(label);
    if (max > 1) this.list.node.setAttribute("aria-multiselectable", "true");
    this.popup = el("div", { class: "popup", popover: "manual" }, this.list.node);
    this.text = el("span", { class: "dropdown-text" });
    this.button = el("button", {
      type: "button", class: "dropdown", role: "combobox", "aria-label": label, "aria-haspopup": "listbox", "aria-expanded": "false",
      "aria-controls": this.list.node.id, disabled, "data-key": key,
      onclick: () => (this.isOpen ? this.close() : this.open()), onkeydown: (event) => this.key(event), onblur: () => this.close(),
    }, this.text, icon("down"));
    this.list.owner = this.button;
    this.node = el("div", { class: "dropdown-box" }, this.button, this.popup);
    this.show();
  }

  show() {
    const chosen = this.options.filter((option) => this.values.includes(option.value));
    this.text.textContent = chosen.map((option) => option.label).join(", ") || this.placeholder;
    this.text.classList.toggle("empty", !chosen.length);
  }

  open() {
    this.before = this.values.join();
    this.isOpen = true;
    this.button.setAttribute("aria-expanded", "true");
    this.draw(Math.max(0, this.options.findIndex((option) => this.values.includes(option.value))));
    this.popup.showPopover();
    place(this.popup, this.button);
    this.list.go(this.list.active);
  }

  draw(active) {
    this.list.fill(this.options, (option, index) => this.pick(option, index), { active, isChosen: (option) => this.values.includes(option.value) });
  }

  pick(option, index) {
    this.letters = "";
    const has = this.values.includes(option.value);
    if (this.max > 1) {
      if (!has && this.values.length >= this.max) return;
      this.values = has ? this.values.filter((value) => value !== option.value) : [...this.values, option.value];
      this.draw(index);
    } else {
      this.values = has && this.min === 0 ? [] : [option.value];
      this.close(true);
    }
    this.show();
  }

  close(isPicked = false) {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.button.setAttribute("aria-expanded", "false");
    this.button.removeAttribute("aria-activedescendant");
    if (this.popup.isConnected) this.popup.hidePopover();
    this.show();
    const isNew = isPicked ? this.values.length > 0 || this.min === 0 : this.values.join() !== this.before;
    if (isNew && this.values.length >= this.min) this.onchange?.(this.values);
  }

  key(event) {
    if (!this.isOpen) {
      if (["ArrowDown", "ArrowUp"].includes(event.key)) {
        event.preventDefault();
        this.open();
      }
      return;
    }
    if (event.key === "Tab" && this.max > 1) return;
    if (event.key.length === 1 && (event.key !== " " || this.letters) && !event.ctrlKey && !event.metaKey) this.find(event);
    else if (event.key === " ") {
      event.preventDefault();
      this.list.pick();
    } else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      this.close();
    } else this.list.key(event);
  }

  /** Go to the option that begins with the letters typed in a row. */
  find(event) {
    event.preventDefault();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => (this.letters = ""), LETTERS_MS);
    this.letters = (this.letters ?? "") + event.key.toLowerCase();
    const at = this.options.findIndex(({ label }) => bare(label.toLowerCase()).startsWith(this.letters));
    if (at >= 0) this.list.go(at);
  }
}

/** Put an open popover below its anchor, or above when there is no room. */
export function place(popup, anchor) {
  const box = anchor.getBoundingClientRect();
  popup.style.width = `${box.width}px`;
  popup.style.left = `${box.left}px`;
  const isBelow = window.innerHeight - box.bottom > Math.min(popup.offsetHeight, 320) + 12 || box.top < window.innerHeight / 2;
  popup.style.maxHeight = `${Math.max(120, (isBelow ? window.innerHeight - box.bottom : box.top) - 16)}px`;
  popup.style.top = isBelow ? `${box.bottom + 4}px` : `${box.top - popup.offsetHeight - 4}px`;
}
