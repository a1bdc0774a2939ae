/** A message's menu: reply, the app's own commands, copy. */
import { el, icon } from "./dom.js";
import { changeNotices, interact, state } from "./store.js";

const MESSAGE_COMMAND = 3;

/** Open the menu of `message` beside `anchor` (at the pointer's `event` when there is one). */
export function openMenu(message, anchor, actions, event = null) {
  document.querySelector(".menu")?.remove();
  const menu = el("div", { class: "menu", role: "menu", "aria-label": "Message", popover: "auto" });
  const entry = (name, label, act, props = {}) => el("button", { type: "button", role: "menuitem", class: "menu-item", ...props, onclick: () => {
    menu.hidePopover();
    act();
  } }, el("span", {}, label), icon(name));
  const commands = state.commands.filter(({ type, default_member_permissions: needs }) => type === MESSAGE_COMMAND && (!needs || state.me.manager));
  menu.append(entry("reply", "Reply", () => actions.reply(message)));
  if (message.content) menu.append(entry("copy", "Copy text", () => navigator.clipboard?.writeText(message.content).catch(() => {})));
  if (commands.length && !message.ephemeral) {
    menu.append(el("p", { class: "menu-title", role: "presentation" }, "Apps"));
    menu.append(...commands.map(({ name }) => entry("spark", name, () => run(message, name))));
  }
  menu.addEventListener("keydown", (press) => walk(menu, press));
  menu.addEventListener("toggle", ({ newState }) => {
    if (newState !== "closed") return;
    if (menu.contains(document.activeElement) || document.activeElement === document.body) anchor.focus({ preventScroll: true });
    menu.remove();
  });
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
  if (event.key === "Tab") menu.hidePopover();
  if (to === undefined) return;
  event.preventDefault();
  items[to].focus();
}

function put(menu, anchor, event) {
  if (matchMedia("(max-width: 700px)").matches) return; // there it is a sheet at the bottom
  const box = event ? { right: event.clientX + menu.offsetWidth, top: event.clientY } : anchor.getBoundingClientRect();
  menu.style.left = `${Math.max(8, Math.min(box.right, innerWidth - 8) - menu.offsetWidth)}px`;
  menu.style.top = `${Math.max(8, Math.min(box.top, innerHeight - menu.offsetHeight - 8))}px`;
}
