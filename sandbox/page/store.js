/** What the page knows, the socket it learns it from, and the calls a person makes. */

export const state = {
  me: null, people: [], guilds: [], commands: [], messages: new Map(), bot: null, botOnline: false,
  channel: null, unread: new Set(), notices: [],
};

const listeners = new Map();
const dismissed = new Set(JSON.parse(sessionStorage.getItem("dismissed") ?? "[]"));
const labels = new Map(); // interaction id -> { channel, label } for those that may yet fail
const failed = new Map(); // failures that overtook the answer to their own call
const RECONNECT_MS = [300, 1000, 2000, 5000];
const LABELS_MAX = 200;
const EPOCH_MS = 1420070400000; // where the time in an id begins
const marks = JSON.parse(sessionStorage.getItem("read") ?? "{}"); // "person channel" -> the newest id read there; "since": where the first visit began
let socket = null;
let wanted = new URLSearchParams(location.search).get("person"); // whom to become at the next hello
let tries = 0;
let serial = 0;
let ahead_ms = 0; // how far the sandbox's clock is before this browser's

export function on(event, listener) {
  listeners.set(event, [...(listeners.get(event) ?? []), listener]);
}

function emit(event, detail) {
  for (const listener of listeners.get(event) ?? []) listener(detail);
}

/** Open the socket as `person` (null: whoever comes first); the old person's socket is closed first. */
export function connect(person) {
  if (socket) {
    socket.onclose = null;
    socket.close();
  }
  let isOpen = false;
  const query = person ? `?person=${encodeURIComponent(person)}` : "";
  socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/client/socket${query}`);
  socket.onopen = () => (isOpen = true);
  socket.onmessage = (frame) => receive(JSON.parse(frame.data));
  socket.onclose = () => {
    emit("connection", false);
    // A sandbox that was started anew gives people new ids: ask bare, then go by the name.
    wanted ??= state.me?.username;
    setTimeout(() => connect(isOpen ? person : null), RECONNECT_MS[Math.min(tries++, RECONNECT_MS.length - 1)]);
  };
}

const RECEIVERS = {
  hello(frame) {
    const found = frame.state.people.find(({ id, username }) => [id, username].includes(wanted));
    wanted = null;
    if (found && found.id !== frame.state.me.id) return connect(found.id);
    const { messages, bot_online: botOnline, now, ...rest } = frame.state;
    tries = 0;
    ahead_ms = Date.parse(now) - Date.now();
    marks.since ??= String(BigInt(Date.parse(now) - EPOCH_MS) << 22n);
    Object.assign(state, rest, { botOnline, notices: [] });
    state.messages = new Map(Object.entries(messages).map(([id, list]) => [id, list.filter((each) => !dismissed.has(each.id)).sort(byId)]));
    if (!channels().some(({ id }) => id === state.channel)) state.channel = wantedChannel();
    remember();
    state.unread = new Set([...state.messages.keys()].filter(isNew));
    markRead();
    emit("connection", true);
    return emit("ready");
  },
  message_create({ message }) {
    const known = keep(message);
    if (message.channel_id === state.channel) markRead();
    else if (isNew(message.channel_id)) {
      state.unread.add(message.channel_id);
      emit("unread");
    }
    emit("message", { message, created: !known });
  },
  message_update({ message }) {
    keep(message);
    emit("message", { message, created: false });
    retell(message.channel_id, message.id, message);
  },
  message_delete({ channel_id: channel, id }) {
    drop(channel, id);
  },
  modal({ interaction_id: interaction, modal }) {
    emit("modal", { interaction, modal });
  },
  interaction_failed(frame) {
    if (frame.message_id) emit("failed", { message: frame.message_id, reason: frame.reason });
    else if (labels.has(frame.interaction_id)) notifyFailed(labels.get(frame.interaction_id), frame.reason);
    else failed.set(frame.interaction_id, frame.reason);
  },
  commands({ commands }) {
    state.commands = commands;
    emit("commands");
  },
  bot({ online }) {
    state.botOnline = online;
    emit("bot");
  },
  typing(frame) {
    emit("typing", frame);
  },
};

function receive(frame) {
  RECEIVERS[frame.type]?.(frame);
  emit("activity");
}

const byId = (a, b) => (BigInt(a.id) < BigInt(b.id) ? -1 : 1);

function keep(message) {
  const list = state.messages.get(message.channel_id) ?? [];
  const known = list.findIndex(({ id }) => id === message.id);
  if (known >= 0) list[known] = message;
  else list.push(message);
  state.messages.set(message.channel_id, list.sort(byId));
  return known >= 0;
}

/** Tell whether somebody else wrote there since one last looked. */
function isNew(channel) {
  const last = state.messages.get(channel)?.findLast(({ author }) => author.id !== state.me.id);
  return Boolean(last) && BigInt(last.id) > BigInt(marks[`${state.me.id} ${channel}`] ?? marks.since);
}

function markRead() {
  state.unread.delete(state.channel);
  marks[`${state.me.id} ${state.channel}`] = messagesNow().at(-1)?.id ?? marks.since;
  sessionStorage.setItem("read", JSON.stringify(marks));
}

function drop(channel, id) {
  state.messages.set(channel, (state.messages.get(channel) ?? []).filter((message) => message.id !== id));
  emit("message_gone", { channel, id });
  retell(channel, id, null);
}

/** Let the replies to a message show it as it is now; null, that it was deleted. */
function retell(channel, id, original) {
  for (const message of state.messages.get(channel) ?? []) {
    if (message.message_reference?.message_id !== id || isForward(message)) continue;
    message.referenced_message = original;
    emit("message", { message, created: false });
  }
}

/** Hide an ephemeral message for good, as Discord does: only this page forgets it. */
export function dismiss(message) {
  dismissed.add(message.id);
  sessionStorage.setItem("dismissed", JSON.stringify([...dismissed].slice(-500)));
  drop(message.channel_id, message.id);
}

const ROOMS = [0, 5]; // texts and news
export const isForward = (message) => message.message_reference?.type === 1;
/** Give the moment by the sandbox's clock, which can be pushed forward. */
export const now = () => Date.now() + ahead_ms;
export const ahead = () => ahead_ms;
export const rooms = (guild) => guild.channels.filter(({ type }) => ROOMS.includes(type));
/** List the conversations outside every server: with the bot, alone. */
export const directs = () => [...state.messages.keys()].filter((id) => !guildOf(id))
  .map((id) => ({ id, name: state.bot ? nameOf(state.bot) : "Direct messages", topic: "Only you and the bot read this", type: 1 }));
export const channels = () => [...state.guilds.flatMap(rooms), ...directs()];
export const channelNow = () => channels().find(({ id }) => id === state.channel);
export const guildOf = (channel) => state.guilds.find((guild) => guild.channels.some(({ id }) => id === channel));
export const guildNow = () => guildOf(state.channel);
export const messagesNow = () => state.messages.get(state.channel) ?? [];
export const personOf = (id) => state.people.find((person) => person.id === id);
export const nameOf = (user) => user.global_name ?? user.username;
/** List the commands that one can use in the open channel. */
export const commandsHere = () => state.commands.filter((command) => command.channels.includes(state.channel));
/** Name a person's roles, the highest first; what is theirs beside roles comes before. */
export function rolesOf(person) {
  const names = state.guilds.flatMap((guild) => guild.roles).filter(({ id }) => person.roles.includes(id)).map(({ name }) => name);
  return [...new Set([person.operator && "Operator", ...names].filter(Boolean))];
}
export const colorOf = (user) => personOf(user.id)?.avatar_color;

function wantedChannel() {
  const named = new URLSearchParams(location.search).get("channel");
  const all = channels();
  const found = all.find(({ id, name }) => id === named || name === named) ?? all.find(({ name }) => name === "painting") ?? all[0];
  return found?.id ?? null;
}

/** Keep person and channel in the address, by names, which outlive a restart of the sandbox. */
function remember() {
  const isAlone = channels().filter(({ name }) => name === channelNow()?.name).length === 1;
  const query = new URLSearchParams({ person: state.me.username, channel: isAlone ? channelNow().name : state.channel });
  history.replaceState(null, "", `?${query}`);
}

export function openChannel(id) {
  state.channel = id;
  markRead();
  remember();
  emit("channel");
}

/** Open the conversation with the bot. */
export const openDirect = () => openChannel(directs()[0].id);

/** Begin to write to somebody. */
export const mention = (user) => emit("mention", user);

/** Show one message, in whichever channel it stands. */
export function showMessage(channel, id) {
  if (channel !== state.channel) openChannel(channel);
  emit("jump", id);
}

/** Send JSON as the person one is, in the channel one sees. */
export async function post(path, body = {}) {
  const answer = await fetch(`/client/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ person: state.me.id, channel_id: state.channel, ...body }),
  });
  return read(answer);
}

/** Put one's emoji under a message, or take it away. */
export const react = (message, emoji, add) => post("react", { channel_id: message.channel_id, message_id: message.id, emoji, add })
  .catch((problem) => changeNotices([...state.notices, { id: `react-${message.id}`, channel: message.channel_id, label: emoji, failed: problem.message }]));

async function read(answer) {
  const data = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(data.error ?? "The sandbox did not answer. Is it still running?");
  return data;
}

/** Start an interaction. A notice stands in the channel until it is under way; what was pressed shows its own wait. */
export async function interact(path, body, label) {
  const notice = { id: `notice-${++serial}`, channel: state.channel, label, failed: null };
  if (!("custom_id" in body)) changeNotices([...state.notices, notice]);
  try {
    const { interaction_id: id } = await post(path, body);
    follow(id, notice);
  } finally {
    changeNotices(state.notices.filter((each) => each !== notice));
  }
}

function follow(id, notice) {
  labels.set(id, notice);
  if (labels.size > LABELS_MAX) labels.delete(labels.keys().next().value);
  if (failed.has(id)) notifyFailed(notice, failed.get(id));
  failed.delete(id);
}

function notifyFailed({ channel, label }, reason) {
  changeNotices([...state.notices, { id: `notice-${++serial}`, channel, label, failed: reason }]);
}

export function changeNotices(notices) {
  state.notices = notices;
  emit("notices");
}

/** Upload one file; the id is what slash options, modals and messages refer to. */
export async function upload(file) {
  const query = new URLSearchParams({ person: state.me.id, name: file.name });
  return read(await fetch(`/client/upload?${query}`, { method: "POST", body: file }));
}
