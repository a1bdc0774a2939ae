/** The pop-up over the composer: commands, options, choices, people, whatever its input can take. */
import { el } from "./dom.js";
import { Listbox } from "./listbox.js";

export class Suggestions {
  constructor() {
    this.list = new Listbox("Suggestions");
    this.title = el("p", { class: "suggest-title" });
    this.node = el("div", { class: "suggest", hidden: true }, this.title, this.list.node);
  }

  /** Show `items` for `owner`, none chosen at first when `active` is -1; without items the title is a hint. */
  show(owner, title, items, onpick, active = 0) {
    if (this.list.owner !== owner) this.hide();
    this.list.owner = owner;
    owner.setAttribute("aria-controls", this.list.node.id);
    owner.setAttribute("aria-expanded", String(items.length > 0));
    this.title.replaceChildren(...title);
    this.list.node.hidden = !items.length;
    this.node.hidden = false;
    this.list.fill(items, onpick, { active });
  }

  hide() {
    this.list.owner?.setAttribute("aria-expanded", "false");
    this.list.owner?.removeAttribute("aria-activedescendant");
    this.list.items = [];
    this.node.hidden = true;
  }

  get isOpen() {
    return !this.node.hidden && this.list.items.length > 0;
  }

  /** Take a key for the list; false when it is not the list's. */
  key(event) {
    return this.isOpen && this.list.key(event);
  }
}
