/** Discord's markdown, the part people meet, as nodes; nothing is ever parsed as HTML. */
import { el, hex } from "./dom.js";
import { openPersonMenu } from "./menu.js";
import { channels, nameOf, now, openChannel, personOf, showMessage, state } from "./store.js";

const FENCE = /```(?:([\w+-]*)\n)?([\s\S]*?)```/g;

const INLINE = [
  [/^\\([\\*_~`|>#\-[\]()<:@])/, (m) => m[1]],
  [/^``(.+?)``(?!`)/s, (m) => el("code", {}, m[1])],
  [/^`([^`]+)`/, (m) => el("code", {}, m[1])],
  [/^\*\*\*(.+?)\*\*\*/s, (m) => el("strong", {}, el("em", {}, inline(m[1])))],
  [/^\*\*(.+?)\*\*(?!\*)/s, (m) => el("strong", {}, inline(m[1]))],
  [/^__(.+?)__(?!_)/s, (m) => el("u", {}, inline(m[1]))],
  [/^~~(.+?)~~/s, (m) => el("s", {}, inline(m[1]))],
  [/^\|\|(.+?)\|\|/s, (m) => spoiler(m[1])],
  [/^\*(?!\s)(.+?)(?<!\s)\*(?!\*)/s, (m) => el("em", {}, inline(m[1]))],
  [/^_(?!\s)(.+?)_(?![_\w])/s, (m) => el("em", {}, inline(m[1]))],
  [/^<t:(-?\d{1,13})(?::([tTdDfFR]))?>/, (m) => timestamp(Number(m[1]), m[2] ?? "f")],
  [/^<@!?(\d+)>/, (m) => mention(m[1])],
  [/^<@&(\d+)>/, (m) => rolePill(m[1])],
  [/^<#(\d+)>/, (m) => channelPill(m[1])],
  [/^<\/([^:>]+):\d+>/, (m) => el("span", { class: "pill" }, `/${m[1]}`)],
  [/^<a?:(\w+):\d+>/, (m) => `:${m[1]}:`],
  [/^@(everyone|here)\b/, (m) => el("span", { class: "pill" }, m[0])],
  [/^\[[^\]\n]+\]\([^)\s]+\)/, (m) => m[0]], // a masked link hides where it leads: shown as written
  [/^https:\/\/discord\.com\/channels\/(?:\d+|@me)\/(\d+)\/(\d+)/, (m) => messagePill(m)],
  [/^<(https?:\/\/[^\s<>]+)>/, (m) => link(m[1])],
  [/^https?:\/\/[^\s<>]*[^\s<>.,:;"'!?)\]]/, (m) => link(m[0])],
];

/** Render a message's text. */
export function markdown(text) {
  const nodes = [];
  let at = 0;
  for (const fence of text.matchAll(FENCE)) {
    nodes.push(...blocks(text.slice(at, fence.index).replace(/\n$/, "")));
    nodes.push(el("pre", { tabindex: "0" }, el("code", {}, fence[2].replace(/^\n|\n$/g, ""))));
    at = fence.index + fence[0].length;
  }
  nodes.push(...blocks(at ? text.slice(at).replace(/^\n/, "") : text));
  return nodes;
}

/** Render what stands inside one line. */
export function inline(text) {
  const nodes = [];
  let plain = "";
  while (text) {
    const [match, make] = firstMatch(text, plain);
    if (match) {
      if (plain) nodes.push(plain);
      plain = "";
      nodes.push(make(match));
      text = text.slice(match[0].length);
    } else {
      const length = Math.max(1, text.slice(1).search(/[\\*_~`|<@[h]/) + 1 || text.length);
      plain += text.slice(0, length);
      text = text.slice(length);
    }
  }
  if (plain) nodes.push(plain);
  return nodes;
}

function firstMatch(text, before) {
  for (const [pattern, make] of INLINE) {
    const match = pattern.exec(text);
    if (match && !(text[0] === "_" && /\w$/.test(before))) return [match, make];
  }
  return [null, null];
}

const BLOCKS = [
  [/^>>> ?/, (lines) => [el("blockquote", {}, blocks(lines.join("\n").replace(/^>>> ?/, ""))), lines.length]],
  [/^> /, (lines) => taken(lines, /^> /, (part) => el("blockquote", {}, blocks(part.map((line) => line.slice(2)).join("\n"))))],
  [/^(#{1,3}) +\S/, (lines) => [heading(lines[0]), 1]],
  [/^-# +\S/, (lines) => [el("p", { class: "subtext" }, inline(lines[0].replace(/^-# +/, ""))), 1]],
  [/^\s*[-*] +\S/, (lines) => taken(lines, /^\s*[-*] +\S/, (part) => list("ul", part))],
  [/^\s*\d+\. +\S/, (lines) => taken(lines, /^\s*\d+\. +\S/, (part) => list("ol", part))],
];

function blocks(text) {
  if (!text) return [];
  const nodes = [];
  let lines = text.split("\n");
  let paragraph = [];
  const flush = () => {
    if (paragraph.length) nodes.push(el("p", {}, inline(paragraph.join("\n"))));
    paragraph = [];
  };
  while (lines.length) {
    const block = BLOCKS.find(([pattern]) => pattern.test(lines[0]));
    if (block) flush();
    const [node, used] = block ? block[1](lines) : [null, 1];
    if (node) nodes.push(node);
    else paragraph.push(lines[0]);
    lines = lines.slice(used);
  }
  flush();
  return nodes;
}

function taken(lines, pattern, make) {
  const end = lines.findIndex((line) => !pattern.test(line));
  const part = end < 0 ? lines : lines.slice(0, end);
  return [make(part), part.length];
}

function heading(line) {
  const level = /^#+/.exec(line)[0].length;
  return el("p", { class: `heading heading-${level}`, role: "heading", "aria-level": String(level + 2) }, inline(line.replace(/^#+ +/, "")));
}

function list(tag, lines) {
  const start = tag === "ol" ? /\d+/.exec(lines[0])[0] : null;
  return el(tag, { start }, lines.map((line) => {
    const nested = /^\s{2,}/.test(line);
    return el("li", { class: nested ? "nested" : null }, inline(line.replace(/^\s*(?:[-*]|\d+\.) +/, "")));
  }));
}

function spoiler(text) {
  const reveal = (event) => {
    event.currentTarget.setAttribute("aria-expanded", "true");
  };
  return el("button", { type: "button", class: "spoiler-text", "aria-expanded": "false", "aria-label": "Spoiler", onclick: reveal }, el("span", {}, inline(text)));
}

function mention(id) {
  const user = personOf(id) ?? (state.bot?.id === id ? state.bot : null);
  if (!user) return el("span", { class: "pill" }, "@unknown person");
  return el("button", { type: "button", class: id === state.me?.id ? "pill pill-me" : "pill", "aria-haspopup": "menu", onclick: ({ currentTarget }) => openPersonMenu(user, currentTarget) }, `@${nameOf(user)}`);
}

function rolePill(id) {
  const role = state.guilds.flatMap((guild) => guild.roles).find((each) => each.id === id);
  const color = role?.color ? `--role:${hex(role.color)}` : null;
  return el("span", { class: color ? "pill pill-role" : "pill", style: color }, `@${role?.name ?? "deleted role"}`);
}

function channelPill(id) {
  const channel = channels().find((each) => each.id === id);
  if (!channel) return el("span", { class: "pill" }, "#no access");
  return el("button", { type: "button", class: "pill", onclick: () => openChannel(id) }, `#${channel.name}`);
}

function messagePill([url, where, id]) {
  const channel = channels().find((each) => each.id === where);
  if (!channel) return link(url);
  return el("button", { type: "button", class: "pill", onclick: () => showMessage(where, id) }, `${channel.type === 1 ? "@" : "#"}${channel.name} › message`);
}

const link = (url) => el("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, url);

const STYLES = {
  t: { timeStyle: "short" }, T: { timeStyle: "medium" }, d: { dateStyle: "short" }, D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" }, F: { dateStyle: "full", timeStyle: "short" },
};

/** Show a moment in one of Discord's styles; `R` ones stay true while they are looked at. */
export function timestamp(unix, style) {
  const moment = new Date(unix * 1000);
  if (Number.isNaN(moment.getTime())) return `<t:${unix}>`;
  const full = new Intl.DateTimeFormat(undefined, STYLES.F).format(moment);
  const text = style === "R" ? ago(unix) : new Intl.DateTimeFormat(undefined, STYLES[style]).format(moment);
  return el("time", { class: "moment", datetime: moment.toISOString(), title: full, "data-ago": style === "R" ? String(unix) : null }, text);
}

// As Discord rounds: each unit up to so many of it.
const STEPS = [["second", 1, 45], ["minute", 60, 45], ["hour", 3600, 22], ["day", 86400, 26], ["month", 2629800, 11], ["year", 31557600, Infinity]];
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });

function ago(unix) {
  const seconds = unix - now() / 1000;
  const [unit, length] = STEPS.find(([, size, most]) => Math.round(Math.abs(seconds) / size) < most);
  return relative.format(Math.round(seconds / length), unit);
}

setInterval(() => {
  for (const node of document.querySelectorAll("time[data-ago]")) {
    const text = ago(Number(node.dataset.ago));
    if (node.textContent !== text) node.textContent = text;
  }
}, 1000);
