/** The channel's messages: drawn once each, drawn again when they change. */
import { drawAll, embed } from "./components.js";
import { avatar, el, hex, icon, iconButton } from "./dom.js";
import { markdown } from "./markdown.js";
import { openMessageMenu, openPersonMenu } from "./menu.js";
import { fileCard, gallery, pictureOf } from "./pictures.js";
import { changeNotices, channelNow, channels, colorOf, commandsHere, dismiss, guildNow, isForward, messagesNow, nameOf, on, personOf, react, showMessage, state } from "./store.js";

const GROUP_MS = 7 * 60 * 1000;
const LONG_PRESS_MS = 500;
const STILL_PX = 10; // no finger keeps quite still
const NEAR_END_PX = 120;
const THINKING = 1 << 7;
const log = document.getElementById("messages");
const newer = document.getElementById("newer");
const galleries = new Map(); // message id -> { key, node }: an edit must not reload its pictures
let actions = {};
let awaited = null; // to be shown as soon as it is here

/** Start drawing; `given` are what messages ask of the composer: reply(message), tryCommand(). */
export function showMessages(given) {
  actions = given;
  on("ready", drawChannel);
  on("channel", drawChannel);
  on("commands", () => messagesNow().length || drawChannel());
  on("message", ({ message, created }) => message.channel_id === state.channel && (created ? add(message) : redraw(message)));
  on("message", ({ message }) => message.id === awaited && jump(awaited));
  on("message_gone", ({ channel, id }) => channel === state.channel && remove(id));
  on("failed", fail);
  on("jump", jump);
  on("notices", drawNotices);
  log.addEventListener("keydown", walk);
  log.addEventListener("scroll", () => isNearEnd() && (newer.hidden = true), { passive: true });
  newer.addEventListener("click", () => toEnd());
  new ResizeObserver(() => wasNearEnd && toEnd()).observe(log);
}

let wasNearEnd = true;
const isNearEnd = () => (wasNearEnd = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_END_PX);

function toEnd() {
  log.scrollTop = log.scrollHeight;
  newer.hidden = true;
  wasNearEnd = true;
}

function drawChannel() {
  galleries.clear();
  const messages = messagesNow();
  log.replaceChildren(welcome(messages.length === 0), ...messages.flatMap((message, index) => withDay(message, messages[index - 1])), el("div", { class: "notices" }));
  drawNotices();
  rove(log.querySelector(".message:last-of-type"));
  toEnd();
}

function welcome(isEmpty) {
  const channel = channelNow();
  const isDirect = channel?.type === 1;
  const title = isDirect ? `You and ${channel.name}` : `Welcome to #${channel?.name ?? "…"}`;
  const imagine = commandsHere().some(({ name }) => name === "imagine");
  return el("div", { class: isEmpty ? "welcome alone" : "welcome" },
    el("span", { class: "welcome-badge" }, icon(isDirect ? "spark" : "hash")),
    el("h2", {}, title),
    el("p", {}, isEmpty ? emptyText(isDirect) : "This is where it begins."),
    isEmpty && el("button", { type: "button", class: "button primary big", disabled: !imagine, onclick: () => actions.tryCommand() },
      icon("spark"), imagine ? "Paint a lighthouse at dawn" : "Waiting for the bot's commands…"),
    isEmpty && el("p", { class: "subtext" }, "or type ", el("kbd", {}, "/"), " to see every command"));
}

function emptyText(isDirect) {
  if (isDirect) return "Nobody else reads this. The bot sends pictures here when you ask it to.";
  return "Nothing is painted here yet. Everyone in this server shares one wallet; describe a picture and see what it costs.";
}

const day = (message) => new Date(message.timestamp).toDateString();

function withDay(message, before) {
  const node = draw(message, before);
  if (before && day(before) === day(message)) return [node];
  const label = new Intl.DateTimeFormat(undefined, { dateStyle: "long" }).format(new Date(message.timestamp));
  return [el("div", { class: "day", role: "separator", "data-day": day(message) }, el("span", {}, label)), node];
}

function add(message) {
  const follow = isNearEnd() || message.author.id === state.me.id;
  const messages = messagesNow();
  const index = messages.findIndex(({ id }) => id === message.id);
  if (index !== messages.length - 1 || messages.length === 1) return drawChannel();
  log.querySelector(".notices").before(...withDay(message, messages[index - 1]));
  if (follow) toEnd();
  else newer.hidden = false;
}

function redraw(message) {
  const node = find(message.id);
  if (!node) return;
  const follow = isNearEnd();
  const messages = messagesNow();
  const focused = node.contains(document.activeElement) ? document.activeElement : null;
  const place = [...node.querySelectorAll("button")].indexOf(focused);
  const fresh = draw(message, messages[messages.findIndex(({ id }) => id === message.id) - 1]);
  fresh.tabIndex = node.tabIndex;
  node.replaceWith(fresh);
  if (focused) (fresh.querySelector(`[data-key="${CSS.escape(focused.dataset.key ?? "")}"]:enabled`) ?? sameButton(fresh, place) ?? fresh).focus();
  if (follow) toEnd();
}

/** Find what stands where the focus was: a page's buttons often carry the number of the page. */
const sameButton = (node, place) => [...node.querySelectorAll("button")].slice(place, place + 1).find((button) => place >= 0 && !button.disabled);

function remove(id) {
  galleries.delete(id);
  const node = find(id);
  if (node?.contains(document.activeElement)) actions.focus();
  node?.remove();
  if (messagesNow().length === 0) drawChannel();
}

const find = (id) => log.querySelector(`[data-message="${CSS.escape(id)}"]`);

function isGrouped(message, before) {
  return before && !(message.type in SYSTEM) && !(before.type in SYSTEM) && before.author.id === message.author.id && !message.message_reference && !message.interaction && !message.ephemeral
    && !before.ephemeral && day(before) === day(message) && new Date(message.timestamp) - new Date(before.timestamp) < GROUP_MS;
}

/** What Discord itself says about somebody is one line. */
const SYSTEM = { 6: "pinned a message to this channel.", 7: "joined the server." };

function system(message) {
  return el("p", { class: "system" }, el("button", { type: "button", class: "author", tabindex: "-1", "data-key": "author", "aria-haspopup": "menu", onclick: ({ currentTarget }) => openPersonMenu(message.author, currentTarget) }, nameOf(message.author)), ` ${SYSTEM[message.type]} `, el("time", { datetime: message.timestamp }, clock(message)));
}

/** A webhook is no app with a picture of its own. */
const faceOf = ({ author, webhook_id: hook, application_id: app }) => (hook && !app ? { ...author, bot: false } : author);

function draw(message, before) {
  const grouped = isGrouped(message, before);
  const isMine = message.author.id !== state.me.id && (message.mentions?.some(({ id }) => id === state.me.id) || message.mention_roles?.some((id) => state.me.roles.includes(id)));
  const kinds = ["message", grouped && "grouped", message.ephemeral && "ephemeral", isMine && "mentions-me"].filter(Boolean).join(" ");
  const node = el("article", { class: kinds, tabindex: "-1", "data-message": message.id, "data-author": nameOf(message.author), "aria-label": `${nameOf(message.author)}, ${clock(message)}` },
    context(message),
    el("div", { class: "message-side" }, grouped ? el("time", { class: "side-time", datetime: message.timestamp }, clock(message)) : message.type in SYSTEM ? icon("forward") : avatar(faceOf(message), colorOf(message.author))),
    el("div", { class: "message-main" }, message.type in SYSTEM ? system(message) : [!grouped && head(message), body(message), reactions(message)].flat(), message.ephemeral && only(message)),
    el("div", { class: "tools" },
      !message.ephemeral && iconButton("reply", "Reply", () => actions.reply(message), { class: "tool" }),
      iconButton("more", "More", (event) => openMessageMenu(message, event.currentTarget, actions), { class: "tool", "aria-haspopup": "menu" })));
  node.addEventListener("contextmenu", (event) => {
    if (getSelection().toString() || event.target.closest("a")) return;
    event.preventDefault();
    const about = event.target.closest(".author, .message-side .avatar");
    if (about) openPersonMenu(message.author, about, event);
    else openMessageMenu(message, node, actions, event);
  });
  holdForMenu(node, message);
  return node;
}

const clock = (message) => new Intl.DateTimeFormat(undefined, { timeStyle: "short" }).format(new Date(message.timestamp));

function head(message) {
  const role = personOf(message.author.id)?.roles.map((id) => guildNow()?.roles.find((each) => each.id === id)).find((each) => each?.color);
  return el("header", { class: "message-head" },
    el("button", { type: "button", class: "author", style: role ? `color:${hex(role.color)}` : null, "data-key": "author", tabindex: "-1", "aria-haspopup": "menu", onclick: ({ currentTarget }) => openPersonMenu(message.author, currentTarget) }, nameOf(message.author)),
    message.author.bot && el("span", { class: "app-badge" }, "APP"),
    el("time", { datetime: message.timestamp, title: new Date(message.timestamp).toLocaleString() }, clock(message)));
}

function reactions(message) {
  const all = Object.entries(message.reacted ?? {});
  return all.length > 0 && el("div", { class: "reactions" }, all.map(([emoji, ids]) => {
    const isMine = ids.includes(state.me.id);
    return el("button", { type: "button", class: "reaction", "aria-pressed": String(isMine), "data-key": `react ${emoji}`, "aria-label": `${emoji}, ${ids.length}`, onclick: () => react(message, emoji, !isMine) }, el("span", { class: "emoji" }, emoji), String(ids.length));
  }));
}

function context(message) {
  if (message.interaction) {
    const { user, name, kind } = message.interaction;
    return el("div", { class: "context" }, avatar(user, colorOf(user), "tiny"), el("strong", {}, nameOf(user)), " used ", el("span", { class: "pill" }, kind === 1 ? `/${name}` : name));
  }
  if (!message.message_reference || isForward(message)) return null;
  const original = message.referenced_message;
  if (!original) return el("div", { class: "context" }, el("em", {}, "The original message was deleted"));
  const text = original.content || (isForward(original) && "Forwarded message") || (original.attachments?.length ? "Press to see the picture" : "Press to see the message");
  return el("div", { class: "context" }, avatar(original.author, colorOf(original.author), "tiny"), el("strong", {}, nameOf(original.author)),
    el("button", { type: "button", class: "jump", "aria-label": `Jump to ${nameOf(original.author)}'s message`, onclick: () => jump(original.id) },
      el("span", { inert: true }, ...markdown(text.split("\n")[0]))));
}

function jump(id) {
  const target = find(id);
  awaited = target ? null : id;
  if (!target) return;
  target.scrollIntoView({ block: "center", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  target.focus({ preventScroll: true });
  target.classList.remove("flash");
  requestAnimationFrame(() => target.classList.add("flash"));
}

function body(message) {
  if (isForward(message)) return forwarded(message);
  if (message.flags & THINKING) return el("p", { class: "thinking" }, dots(), `${nameOf(message.author)} is thinking…`);
  const edited = message.edited_timestamp && el("span", { class: "edited", title: new Date(message.edited_timestamp).toLocaleString() }, "(edited)");
  const pictures = message.attachments.map(pictureOf).filter(Boolean);
  const files = message.attachments.filter((attachment) => !pictureOf(attachment));
  return [
    message.content && withEdited(el("div", { class: "content" }, markdown(message.content)), edited),
    ...(message.embeds ?? []).map(embed),
    pictures.length > 0 && keptGallery(message.id, pictures),
    ...files.map((file) => (file.duration_secs ? voice(file) : fileCard({ url: file.url, name: file.filename, size: file.size }))),
    ...(message.sticker_items ?? []).map(({ name }) => el("p", { class: "sticker" }, icon("spark"), name, el("span", { class: "sr" }, " (sticker)"))),
    message.components?.length > 0 && el("div", { class: "components" }, drawAll(message.components, message)),
  ];
}

function voice({ url, duration_secs: seconds }) {
  return el("p", { class: "file-card" }, el("audio", { controls: true, preload: "none", src: url, "aria-label": "Voice message" }), el("span", { class: "quiet" }, `${Math.round(seconds)} s`));
}

/** What was passed on stands behind a bar; it names its place, never its author. */
function forwarded({ id, channel_id, message_reference: from, message_snapshots: [{ message }] }) {
  const place = channels().find((channel) => channel.id === from.channel_id);
  const shown = { ...message, id, channel_id, isCopy: true };
  return el("div", { class: "forwarded" },
    el("p", { class: "forwarded-head" }, icon("pass"), "Forwarded"),
    body(shown),
    place && el("button", { type: "button", class: "forwarded-from", "aria-label": `Go to the original in ${place.name}`, onclick: () => showMessage(from.channel_id, from.message_id) },
      place.type === 1 ? null : icon("hash"), place.name, " · ", el("time", { datetime: message.timestamp }, clock(message)), icon("forward")));
}

/** Put the mark of an edit behind the last words, not under them. */
function withEdited(content, edited) {
  let last = content;
  while (["P", "UL", "OL", "LI"].includes(last.lastElementChild?.tagName)) last = last.lastElementChild;
  if (edited) last.append(edited);
  return content;
}

const dots = () => el("span", { class: "dots", "aria-hidden": "true" }, el("i"), el("i"), el("i"));

function keptGallery(id, pictures) {
  const key = JSON.stringify(pictures.map(({ src, ...rest }) => [src.split("?")[0], rest.spoiler, rest.alt]));
  if (galleries.get(id)?.key !== key) galleries.set(id, { key, node: gallery(pictures) });
  return galleries.get(id).node;
}

function only(message) {
  return el("p", { class: "only" }, icon("eye"), "Only you can see this · ", el("button", { type: "button", class: "link-button", onclick: () => dismiss(message) }, "Dismiss message"));
}

function fail({ message, reason }) {
  const main = find(message)?.querySelector(".message-main");
  main?.querySelector(".failure")?.remove();
  main?.append(el("p", { class: "failure", role: "alert" }, icon("warn"), reason));
  if (isNearEnd()) toEnd();
}

function drawNotices() {
  const box = log.querySelector(".notices");
  if (!box) return;
  const follow = isNearEnd();
  const here = state.notices.filter(({ channel }) => channel === state.channel);
  box.replaceChildren(...here.map((notice) => el("article", { class: `message notice ${notice.failed ? "failed" : ""}` },
    el("div", { class: "message-side" }, avatar(state.bot)),
    el("div", { class: "message-main" },
      el("header", { class: "message-head" }, el("span", { class: "author" }, nameOf(state.bot)), el("span", { class: "app-badge" }, "APP")),
      notice.failed ? el("p", { class: "failure", role: "alert" }, icon("warn"), `${notice.failed} (${notice.label})`) : el("p", { class: "thinking" }, dots(), `Sending ${notice.label}…`),
      notice.failed && el("p", { class: "only" }, icon("eye"), "Only you can see this · ",
        el("button", { type: "button", class: "link-button", onclick: () => changeNotices(state.notices.filter((each) => each !== notice)) }, "Dismiss message"))))));
  if (follow) toEnd();
}

/** One message at a time is in the tab order; the arrows move between them. */
function rove(node) {
  if (!node) return;
  for (const each of log.querySelectorAll('.message[tabindex="0"]')) each.tabIndex = -1;
  node.tabIndex = 0;
}

function walk(event) {
  if (!event.target.classList.contains("message")) return;
  const all = [...log.querySelectorAll("[data-message]")];
  const at = all.indexOf(event.target);
  const next = { ArrowUp: all[at - 1], ArrowDown: all[at + 1], Home: all[0], End: all.at(-1) }[event.key];
  if (!next) return;
  event.preventDefault();
  rove(next);
  next.focus();
}

function holdForMenu(node, message) {
  let timer = null;
  let from = null;
  const stop = () => clearTimeout(timer);
  node.addEventListener("pointerdown", (event) => {
    from = event;
    if (event.pointerType !== "touch" || event.target.closest("button:not(.picture, .thumbnail), a, input, textarea")) return;
    timer = setTimeout(() => {
      ignoreRelease();
      openMessageMenu(message, node, actions);
    }, LONG_PRESS_MS);
  });
  for (const kind of ["pointerup", "pointercancel", "pointerleave"]) node.addEventListener(kind, stop);
  node.addEventListener("pointermove", ({ clientX, clientY }) => from && Math.hypot(clientX - from.clientX, clientY - from.clientY) > STILL_PX && stop());
}

/** The finger that held a message lets go, of a picture or of the menu that came up under it: that is no press. */
function ignoreRelease() {
  const swallow = (event) => {
    event.preventDefault();
    event.stopPropagation();
  };
  document.addEventListener("click", swallow, { capture: true, once: true });
  document.addEventListener("pointerdown", () => document.removeEventListener("click", swallow, true), { capture: true, once: true });
}
