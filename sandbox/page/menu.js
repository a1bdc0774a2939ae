/** A message's menu: reply, the app's own commands, copy. */
import { el, icon } from "./dom.js";
import { changeNotices, interact, state } from "./store.js";

const MESSAGE_COMMAND = 3;
let close = null;

/** Open the menu of `message` beside `anchor` (at the pointer's `event` when there is one). */
export function openMenu(message, anchor, actions, event = null) {
  close?.();
  const menu = el("div", { class: "menu", role: "menu", "aria-label": "Message", popover: "manual" });
  const entry = (name, label, act, props = {}) => el("button", { type: "button", role: "menuitem", class: "menu-item", ...props, onclick: () => {
    close();
    act();
  } }, el("span", {}, label), icon(name));
  const commands = state.commands.filter(({ type }) => type === MESSAGE_COMMAND);
  menu.append(entry("reply", "Reply", () => actions.reply(message)));
  if (message.content) menu.append(entry("copy", "Copy text", () => navigator.clipboard?.writeText(message.content).catch(() => {})));
  if (commands.length && !message.ephemeral) {
    menu.append(el("p", { class: "menu-title", role: "presentation" }, "Apps"));
    menu.append(...commands.map(({ name }) => entry("spark", name, () => run(message, name))));
  }
  // Not popover "auto": the release of the long press that opened it would close it.
  const elsewhere = ({ target }) => menu.contains(target) || close();
  close = () => {
    if (menu.contains(document.activeElement)) anchor.focus({ preventScroll: true });
    document.removeEventListener("pointerdown", elsewhere);
    menu.remove();
    close = null;
  };
  document.addEventListener("pointerdown", elsewhere);
  menu.addEventListener("keydown", (press) => walk(menu, press));
  document.body.append(menu);
  menu.showPopover();
  put(menu, anchor, event);
  menu.firstElementChild.focus({ preventScroll: true });
}

async function run(message, name) {
  try {
    await interact("menu", { message_id: message.id, name }, name);
  } catch (problem) {
    changeNotices([...state.notices, { id: `menu-${message.id}`, channel: state.channel, label: name, failed: problem.message }]);
  }
}

function walk(menu, event) {
  const items = [...menu.querySelectorAll(".menu-item")];
  const at = items.indexOf(document.activeElement);
  const to = { ArrowDown: (at + 1) % items.length, ArrowUp: (at - 1 + items.length) % items.length, Home: 0, End: items.length - 1 }[event.key];
  if (["Tab", "Escape"].includes(event.key)) return close();
  if (to === undefined) return undefined;
  event.preventDefault();
  return items[to].focus();
}

function put(menu, anchor, event) {
  if (matchMedia("(max-width: 700px)").matches) return; // there it is a sheet at the bottom
  const box = event ? { right: event.clientX + menu.offsetWidth, top: event.clientY } : anchor.getBoundingClientRect();
  menu.style.left = `${Math.max(8, Math.min(box.right, innerWidth - 8) - menu.offsetWidth)}px`;
  menu.style.top = `${Math.max(8, Math.min(box.top, innerHeight - menu.offsetHeight - 8))}px`;
}
