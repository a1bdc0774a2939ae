/** The message box: plain words, replies and files, or a slash command with its options. */
import { el, icon, iconButton } from "./dom.js";
import { CommandForm, matching, signature, takesWords, typable } from "./command.js";
import { catchFiles, filePicker } from "./files.js";
import { channelNow, interact, nameOf, on, post, state } from "./store.js";
import { Suggestions } from "./suggest.js";

const FILES_MAX = 10;
const CONTENT_MAX = 2000;
const TYPING_MS = 9000;
const form = document.getElementById("composer");
const suggestions = new Suggestions();
const alert = el("p", { class: "composer-problem", role: "alert", hidden: true });
const replyBar = el("div", { class: "reply-bar", hidden: true });
const files = filePicker({ max: FILES_MAX, onchange: () => (files.chips.hidden = files.isEmpty()) });
const input = el("textarea", {
  id: "message-input", rows: "1", role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-label": "Message", maxlength: CONTENT_MAX, enterkeyhint: "send",
  oninput: () => suggest(), onkeydown: (event) => key(event), onblur: () => suggestions.hide(), onfocus: () => suggest(),
});
const field = el("div", { class: "composer-field" }, input);
const add = iconButton("attach", "Attach files", () => files.input.click(), { class: "composer-add" });
const leave = iconButton("close", "Leave the command", () => leaveCommand(), { class: "composer-add", hidden: true });
let command = null;
let reply = null;
let place = null;

/** Build the composer; messages use what it gives: focus, reply, tryCommand. */
export function showComposer() {
  form.append(suggestions.node, alert, replyBar, files.chips, el("div", { class: "composer-bar" }, add, leave, field, iconButton("send", "Send", () => send(), { class: "composer-send" })), files.input);
  files.chips.hidden = true;
  form.addEventListener("submit", (event) => event.preventDefault());
  catchFiles((given) => (command ? command.take(given) : files.add(given)));
  document.addEventListener("keydown", catchTyping);
  for (const event of ["ready", "channel"]) on(event, reset);
  on("message_gone", ({ id }) => reply?.message.id === id && setReply(null));
  on("typing", showTyping);
  on("mention", ({ username }) => {
    leaveCommand();
    input.value = `${input.value.trimEnd()} @${username} `.trimStart();
    input.focus();
  });
  return { focus: () => input.focus(), reply: (message) => setReply(message), tryCommand };
}

/** Typing lands in the composer, wherever the focus is, unless something else takes text or keys. */
function catchTyping(event) {
  const isText = event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey;
  if (isText && !event.defaultPrevented && !event.target.closest("input, textarea, dialog, .menu, [role=combobox][aria-expanded=true]")) (command ?? input).focus();
}

function reset() {
  const here = `${state.me.id} ${state.channel}`;
  if (place === here) return; // the world was only told again: what is being typed stays
  place = here;
  leaveCommand();
  files.clear();
  setReply(null);
  problem("");
  const channel = channelNow();
  input.placeholder = `Message ${channel?.type === 1 ? "@" : "#"}${channel?.name ?? ""} as ${nameOf(state.me)}`;
  if (matchMedia("(hover: hover)").matches) input.focus();
}

function problem(text) {
  alert.replaceChildren(...(text ? [icon("warn"), text] : []));
  alert.hidden = !text;
}

function setReply(message) {
  const isMine = message?.author.id === state.me.id; // nobody pings themselves
  reply = message && { message, ping: !isMine };
  replyBar.hidden = !message;
  if (!message) return;
  const ping = el("button", { type: "button", class: "ping", hidden: isMine, "aria-pressed": "true", title: "Whether the author is pinged", onclick: () => {
    reply.ping = !reply.ping;
    ping.setAttribute("aria-pressed", String(reply.ping));
    ping.textContent = reply.ping ? "@ On" : "@ Off";
  } }, "@ On");
  replyBar.replaceChildren(el("span", {}, "Replying to ", el("strong", {}, nameOf(message.author))), ping, iconButton("close", "Cancel the reply", () => setReply(null)));
  leaveCommand();
  input.focus();
}

/** Show commands while "/…" is typed, people while "@…" is. */
function suggest() {
  problem("");
  const text = input.value;
  const at = /(?:^|\s)@(\w*)$/.exec(text.slice(0, input.selectionStart));
  if (text.startsWith("/") && !text.includes("\n")) return enterTyped(text.slice(1)) || suggestCommands(text.slice(1));
  if (at) return suggestPeople(at[1]);
  return suggestions.hide();
}

/** A command's whole name and a space enter it; what follows, if it was pasted, is its first words. */
function enterTyped(text) {
  const chosen = typable().find(({ name }) => text.toLowerCase().startsWith(`${name} `));
  const rest = chosen && text.slice(chosen.name.length).trim();
  const [first] = chosen?.options ?? [];
  if (!chosen || (rest && !takesWords(first))) return false;
  enterCommand(chosen, rest ? { [first.name]: rest } : {});
  return true;
}

function suggestCommands(text) {
  const items = matching(text).map((each) => ({ label: `/${each.name}`, signature: signature(each), hint: each.description, detail: state.bot && nameOf(state.bot), command: each }));
  const title = items.length ? [el("strong", {}, text ? `Commands matching /${text}` : "Commands")] : ["No command matches."];
  suggestions.show(input, title, items, (item) => enterCommand(item.command));
}

function suggestPeople(text) {
  const wanted = text.toLowerCase();
  const people = [...(state.bot ? [state.bot] : []), ...state.people].filter((user) => user.username.startsWith(wanted) || nameOf(user).toLowerCase().startsWith(wanted));
  const items = people.slice(0, 8).map((user) => ({ label: nameOf(user), detail: user.username, user }));
  if (!items.length) return suggestions.hide();
  return suggestions.show(input, [el("strong", {}, "People")], items, ({ user }) => {
    const end = input.selectionStart;
    input.setRangeText(`@${user.username} `, end - text.length - 1, end, "end");
    suggest();
  });
}

function enterCommand(chosen, values = {}) {
  setReply(null);
  command = new CommandForm(chosen, suggestions, { send, leave: leaveCommand, problem });
  for (const [name, text] of Object.entries(values)) {
    const option = chosen.options.find((each) => each.name === name);
    if (option) (command.pills.find((pill) => pill.option === option) ?? command.add(option)).set(text);
  }
  input.value = "";
  suggestions.hide();
  field.replaceChildren(command.node);
  showMode();
  command.focus();
}

function leaveCommand() {
  if (!command) return;
  command = null;
  suggestions.hide();
  problem("");
  field.replaceChildren(input);
  showMode();
  input.focus();
}

function showMode() {
  add.hidden = Boolean(command);
  leave.hidden = !command;
  if (command) files.clear();
  form.classList.toggle("in-command", Boolean(command));
}

/** Fill in the first visit's command. */
function tryCommand() {
  const imagine = typable().find(({ name }) => name === "imagine");
  if (imagine) enterCommand(imagine, { prompt: "a lighthouse at dawn, oil painting" });
  command?.pills[0]?.focus({ quietly: true });
}

function key(event) {
  if (event.isComposing || suggestions.key(event)) return;
  if (event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    send();
  } else if (event.key === "Escape") {
    if (suggestions.node.hidden) setReply(null);
    suggestions.hide();
  } else if (event.key === "ArrowUp" && !input.value) {
    event.preventDefault();
    document.querySelector("#messages .message[tabindex='0']")?.focus();
  }
}

function send() {
  return command ? sendCommand() : sendMessage();
}

async function sendCommand() {
  const sent = command;
  const body = sent.collect();
  if (!body) return;
  leaveCommand();
  try {
    await interact("slash", { name: sent.command.name, ...body }, `/${sent.command.name}`);
  } catch (error) {
    if (!command && !input.value) restore(sent);
    problem(error.message);
  }
}

/** Put a refused command back as it was, so that nothing has to be typed again. */
function restore(sent) {
  command = sent;
  field.replaceChildren(sent.node);
  showMode();
  sent.pills[0]?.focus({ quietly: true });
}

async function sendMessage() {
  const content = withMentions(input.value.trim());
  if (files.isBusy()) return problem("The upload is still running");
  if (content.startsWith("/") && suggestions.isOpen) return undefined;
  if (!content && files.isEmpty()) return undefined;
  const before = input.value;
  const body = { content, files: files.ids(), ...(reply && { reply_to: reply.message.id, ping: reply.ping }) };
  input.value = "";
  try {
    await post("message", body);
    files.clear();
    setReply(null);
    problem("");
  } catch (error) {
    input.value ||= before;
    problem(error.message);
  }
  return undefined;
}

function withMentions(text) {
  const ids = new Map([...state.people, ...(state.bot ? [state.bot] : [])].map(({ username, id }) => [username.toLowerCase(), id]));
  return text.replace(/(^|\s)@([\w.]+)/g, (whole, space, name) => (ids.has(name.toLowerCase()) ? `${space}<@${ids.get(name.toLowerCase())}>` : whole));
}

const typing = document.getElementById("typing");
let typingTimer = null;

function showTyping({ channel_id: channel, user_id: id }) {
  if (channel !== state.channel) return;
  const user = [...state.people, state.bot].find((each) => each?.id === id);
  typing.textContent = user ? `${nameOf(user)} is typing…` : "";
  clearTimeout(typingTimer);
  typingTimer = setTimeout(() => (typing.textContent = ""), TYPING_MS);
}

on("message", ({ message }) => message.channel_id === state.channel && (typing.textContent = ""));
