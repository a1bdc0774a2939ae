/** The left column (servers, channels, who one is) and the channel's header. */
import { avatar, el, icon, iconButton } from "./dom.js";
import { openPersonMenu } from "./menu.js";
import { channelNow, channels, connect, directs, nameOf, on, openChannel, rolesOf, rooms, state } from "./store.js";

const sidebar = document.getElementById("sidebar");
const header = document.getElementById("header");
const shade = document.getElementById("shade");

export function showSidebar() {
  for (const event of ["ready", "channel", "unread"]) on(event, drawSidebar);
  for (const event of ["ready", "channel", "bot", "unread"]) on(event, drawHeader);
  for (const event of ["ready", "channel", "notices", "mention"]) on(event, closeSheets);
  shade.addEventListener("click", closeSheets);
  addEventListener("keydown", (event) => {
    if (event.key === "Escape") closeSheets();
    if (event.altKey && ["ArrowUp", "ArrowDown"].includes(event.key)) step(event);
  });
}

function step(event) {
  const all = channels();
  const at = all.findIndex(({ id }) => id === state.channel) + (event.key === "ArrowDown" ? 1 : -1);
  event.preventDefault();
  openChannel(all[(at + all.length) % all.length].id);
}

/** Open the drawer ("drawer-open") or the panel's sheet ("panel-open") on a narrow screen. */
export function openSheet(name) {
  const isOpen = document.body.classList.contains(name);
  closeSheets();
  document.body.classList.toggle(name, !isOpen);
}

function closeSheets() {
  document.body.classList.remove("drawer-open", "panel-open");
}

function drawSidebar() {
  sidebar.replaceChildren(
    el("div", { class: "brand" }, el("img", { src: "/page/easel.svg", alt: "" }), el("div", {}, el("strong", {}, "Easel sandbox"), el("span", {}, "Everything here is pretend"))),
    el("div", { class: "channels" }, state.guilds.map((guild) => section(guild.name, rooms(guild))), directs().length > 0 && section("Direct messages", directs())),
    people());
}

function section(title, list) {
  return el("section", { "aria-label": title }, el("h2", { class: "server" }, title), el("ul", {}, list.map(entry)));
}

function entry(channel) {
  const isUnread = state.unread.has(channel.id);
  return el("li", {}, el("button", {
    type: "button", class: `channel ${isUnread ? "unread" : ""}`, "aria-current": channel.id === state.channel ? "page" : null, onclick: () => openChannel(channel.id),
  }, channel.type === 1 ? avatar({ bot: true }, null, "tiny") : icon("hash"), el("span", {}, channel.name), isUnread && el("span", { class: "sr" }, "(unread)")));
}

function people() {
  return el("section", { class: "people", "aria-label": "Who you are" },
    el("h2", {}, "You are"),
    el("div", { class: "people-list", role: "group" }, state.people.map((person) => {
      const isMe = person.id === state.me.id;
      const roles = rolesOf(person).join(" · ") || "Member";
      const row = el("div", { class: "person-row", "data-person": person.username },
        el("button", { type: "button", class: "person", "aria-pressed": isMe ? "true" : "false", onclick: () => (isMe ? closeSheets() : connect(person.id)) },
          avatar(person, person.avatar_color), el("span", { class: "person-text" }, el("span", { class: "person-name" }, nameOf(person)),
            el("span", { class: "person-role", title: roles }, roles)), icon("check")),
        iconButton("more", `Menu of ${nameOf(person)}`, (event) => openPersonMenu(person, event.currentTarget), { class: "person-more", "aria-haspopup": "menu" }));
      row.addEventListener("contextmenu", (event) => {
        event.preventDefault();
        openPersonMenu(person, row.lastElementChild, event);
      });
      return row;
    })));
}

function drawHeader() {
  const channel = channelNow();
  header.replaceChildren(
    iconButton("menu", state.unread.size ? "Channels and people, something is unread" : "Channels and people", () => openSheet("drawer-open"), { class: state.unread.size ? "narrow news" : "narrow" }),
    el("h1", {}, channel?.type === 1 ? avatar({ bot: true }, null, "tiny") : icon("hash"), channel?.name ?? ""),
    el("p", { class: "topic" }, channel?.topic ?? ""),
    el("span", { class: `bot-state ${state.botOnline ? "online" : ""}`, role: "status" }, el("i"), `${state.bot ? nameOf(state.bot) : "Bot"} ${state.botOnline ? "online" : "offline"}`),
    el("button", { type: "button", class: "me narrow", "aria-label": `You are ${nameOf(state.me)}; switch person`, onclick: () => openSheet("drawer-open") }, avatar(state.me, state.me.avatar_color, "small")),
    iconButton("wallet", "Wallet and ledger", () => openSheet("panel-open"), { class: "panel-toggle" }));
}
