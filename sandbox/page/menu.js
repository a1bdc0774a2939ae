/** The menus of a message and of a person: what the page does itself, and the app's own commands. */
import { avatar, el, icon } from "./dom.js";
import { openForward } from "./forward.js";
import { changeNotices, commandsHere, connect, interact, mention, nameOf, openDirect, personOf, post, react, rolesOf, state } from "./store.js";

const USER_COMMAND = 2;
const MESSAGE_COMMAND = 3;
const THINKING = 1 << 7;
let close = null;

/** Open the menu of `message` beside `anchor` (at the pointer's `event` when there is one). */
export function openMessageMenu(message, anchor, actions, event = null) {
  const items = message.ephemeral ? [] : [item("reply", "Reply", () => actions.reply(message))];
  if (!message.ephemeral && !(message.flags & THINKING)) items.push(item("pass", "Forward", () => openForward(message)));
  if (message.content) items.push(item("copy", "Copy text", () => navigator.clipboard?.writeText(message.content).catch(() => {})));
  items.push(item("person", `About ${nameOf(message.author)}`, () => openPersonMenu(message.author, anchor)));
  if (!message.ephemeral) items.push(item("star", "React with ⭐", () => react(message, "⭐", true)), ...apps(MESSAGE_COMMAND, { message_id: message.id }));
  open("Message", items, anchor, event);
}

/** Open a person's menu: who they are, and what the app offers for them. */
export function openPersonMenu(user, anchor, event = null) {
  const person = personOf(user.id);
  const roles = person ? rolesOf(person).join(" · ") || "Member" : "App";
  const card = el("div", { class: "menu-card", role: "presentation" }, avatar(user, person?.avatar_color),
    el("div", {}, el("strong", {}, nameOf(user)), el("p", { class: "quiet" }, roles)));
  const items = [card, item("at", "Mention", () => mention(user))];
  if (user.id === state.bot?.id) items.push(item("reply", "Message", openDirect));
  if (person && person.id !== state.me.id) items.push(item("switch", `Become ${nameOf(person)}`, () => connect(person.id)));
  if (person) items.push(doorOf(person));
  open(nameOf(user), [...items, ...apps(USER_COMMAND, { user_id: user.id })], anchor, event);
}

function item(sign, label, act) {
  return el("button", { type: "button", role: "menuitem", class: "menu-item", onclick: () => {
    close();
    act();
  } }, el("span", {}, label), icon(sign));
}

/** Whether the bot may write to somebody, which each person decides: an error that bots have to live with. */
function doorOf(person) {
  const part = item("check", "Takes direct messages", () => post("dms", { person: person.id, open: !person.dms_open }));
  part.setAttribute("role", "menuitemcheckbox");
  part.setAttribute("aria-checked", String(person.dms_open));
  return part;
}

function apps(kind, target) {
  const commands = commandsHere().filter(({ type }) => type === kind);
  const title = el("p", { class: "menu-title", role: "presentation" }, "Apps");
  return commands.length ? [title, ...commands.map(({ name }) => item("spark", name, () => run(name, target)))] : [];
}

async function run(name, target) {
  const channel = state.channel;
  try {
    await interact("menu", { ...target, name }, name);
  } catch (problem) {
    changeNotices([...state.notices, { id: `menu-${name}`, channel, label: name, failed: problem.message }]);
  }
}

function open(label, parts, anchor, event) {
  close?.();
  const menu = el("div", { class: "menu", role: "menu", "aria-label": label, popover: "manual" }, parts);
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
  menu.querySelector(".menu-item").focus({ preventScroll: true });
}

function walk(menu, event) {
  const items = [...menu.querySelectorAll(".menu-item")];
  const at = items.indexOf(document.activeElement);
  const to = { ArrowDown: (at + 1) % items.length, ArrowUp: (at - 1 + items.length) % items.length, Home: 0, End: items.length - 1 }[event.key];
  if (["Tab", "Escape"].includes(event.key)) {
    event.stopPropagation();
    return close();
  }
  if (to === undefined) return undefined;
  event.preventDefault();
  return items[to].focus();
}

function put(menu, anchor, event) {
  if (matchMedia("(max-width: 700px)").matches) return; // there it is a sheet at the bottom
  const box = event ? { left: event.clientX, top: event.clientY } : beside(anchor.getBoundingClientRect(), menu);
  menu.style.left = `${Math.max(8, Math.min(box.left, innerWidth - menu.offsetWidth - 8))}px`;
  menu.style.top = `${Math.max(8, Math.min(box.top, innerHeight - menu.offsetHeight - 8))}px`;
}

/** Below a name, or at the near end of whatever is wide. */
function beside(box, menu) {
  return box.left < innerWidth / 2 && box.width < 300 ? { left: box.left, top: box.bottom + 4 } : { left: box.right - menu.offsetWidth, top: box.top };
}
