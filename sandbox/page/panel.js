/** The right column: the wallet, the ledger, what is left of each limit, and what one can try: faults and time. */
import { el, icon, iconButton } from "./dom.js";
import { Dropdown } from "./listbox.js";
import { timestamp } from "./markdown.js";
import { openSheet } from "./sidebar.js";
import { ahead, now, on, post, state } from "./store.js";

const SETTLE_MS = 300;
const panel = document.getElementById("panel");
let timer = null;
let shown = "";
let isGone = false; // a stand-in that was started alone has no panel: asked once, then let be

export function showPanel() {
  on("ready", () => (isGone = false));
  for (const event of ["ready", "channel", "activity"]) {
    on(event, () => {
      clearTimeout(timer);
      timer = setTimeout(refresh, SETTLE_MS);
    });
  }
}

async function refresh() {
  if (!state.me || isGone) return;
  const query = new URLSearchParams({ person: state.me.id, channel_id: state.channel });
  const answer = await fetch(`/client/panel?${query}`).catch(() => null);
  isGone = answer?.status === 404;
  panel.hidden = !answer?.ok;
  document.body.classList.toggle("with-panel", !panel.hidden);
  if (!panel.hidden) draw(await answer.json());
  tick();
}

function draw(data) {
  const text = JSON.stringify(data);
  if (text === shown || panel.querySelector("[aria-expanded=true]")) return;
  shown = text;
  const { wallet, ledger } = data;
  panel.replaceChildren(
    el("header", { class: "panel-head" }, el("h2", {}, "Wallet"), iconButton("close", "Close", () => openSheet("panel-open"), { class: "narrow" })),
    el("section", { class: "wallet", "aria-label": "Wallet" },
      el("p", { class: "balance" }, el("span", {}, wallet.balance), el("small", {}, "left in the shared wallet")),
      el("dl", {}, fact("Spent", wallet.spent), fact("Held", wallet.held), fact("Calls", String(wallet.calls)))),
    ledger && books(ledger),
    el("section", { "aria-label": "Limits" }, el("h3", {}, "Limits"), data.quota.length ? data.quota.map(bar) : el("p", { class: "quiet" }, "No limit applies here.")),
    faults(data), time(),
    el("section", { "aria-label": "Receipts" }, el("h3", {}, "Last receipts"),
      data.receipts.length ? el("ul", { class: "receipts" }, data.receipts.map(receipt)) : el("p", { class: "quiet" }, "None yet. Paint something.")));
}

const fact = (name, value) => el("div", {}, el("dt", {}, name), el("dd", {}, value));

/** Show what Easel booked, and whether it is what the gateway billed. */
function books({ people, operator, held, unbooked }) {
  return el("section", { class: "ledger", "aria-label": "Ledger" }, el("h3", {}, "Ledger"),
    el("dl", {}, fact("People paid", people), fact("Operator paid", operator), fact("Held", held)),
    el("p", { class: unbooked ? "books off" : "books" }, icon(unbooked ? "warn" : "check"), unbooked ? `The gateway billed ${unbooked} than is booked` : "Booked is what the gateway billed"));
}

function bar(quota) {
  const share = Math.min(1, Math.max(0, quota.used_share ?? 0));
  const resets = quota.resets_at && ["resets ", timestamp(Date.parse(quota.resets_at) / 1000, "R")];
  const isHeld = quota.held && !/^\$0(\.0+)?$/.test(quota.held);
  return el("div", { class: `quota ${share >= 0.9 ? "low" : ""}` },
    el("p", {}, el("span", {}, quota.label), el("span", {}, el("strong", {}, quota.left), quota.of && ` of ${quota.of}`)),
    el("div", { class: "meter", role: "meter", "aria-label": `${quota.label}: used`, "aria-valuemin": "0", "aria-valuemax": "100", "aria-valuenow": String(Math.round(share * 100)), "aria-valuetext": quota.of ? `${quota.left} left of ${quota.of}` : quota.left },
      share > 0 && el("i", { style: `width:max(3px, ${(share * 100).toFixed(1)}%)` })),
    quota.of && el("p", { class: "quiet" }, `${Math.round(share * 100)} % used`, isHeld && ` · ${quota.held} held`, resets && " · ", resets));
}

function receipt({ id, text, state: stage, amount }) {
  return el("li", {}, el("div", {}, el("span", { class: "receipt-text" }, text), el("span", { class: "receipt-id" }, el("code", {}, id), el("span", { class: `stage stage-${stage}` }, stage))), el("strong", {}, amount));
}

function faults(data) {
  if (!data.faults?.length) return null;
  const every = el("input", { type: "checkbox", checked: data.lasting, onchange: () => data.fault && arm(data.fault) });
  const arm = (name) => post("fault", { name: name || null, lasting: every.checked }).then(refresh, refresh);
  const dropdown = new Dropdown({
    label: "Fault to try",
    options: [{ label: "None: all is well", value: "" }, ...data.faults.map(({ name, label }) => ({ label, value: name }))]
      .map((option) => ({ ...option, chosen: option.value === (data.fault ?? "") })),
    onchange: ([name]) => arm(name),
  });
  const armed = data.lasting ? "Armed for every paid call, until you choose None." : "Armed. It strikes once, at the next paid call.";
  return el("section", { class: data.fault ? "faults armed" : "faults", "aria-label": "Faults" }, el("h3", {}, "Break the gateway"), dropdown.node,
    el("label", { class: "switch" }, every, "Every call, not only the next"),
    el("p", { class: "quiet", role: "status" }, data.fault ? armed : "Choose a fault and watch where the money goes."));
}

const HOUR_S = 3600;
const clock = el("time", { class: "clock" });
const lead = el("span", { class: "quiet" });

/** Show the sandbox's clock, which the bot and both stand-ins go by, and push it forward. */
function time() {
  const push = (label, by) => el("button", { type: "button", class: "button secondary", onclick: ({ currentTarget }) => {
    currentTarget.disabled = true;
    post("clock", { by_s: by }).catch(() => {}).finally(() => (currentTarget.disabled = false));
  } }, label);
  return el("section", { class: "time", "aria-label": "Time" }, el("h3", {}, "Time"), el("p", {}, clock, lead),
    el("div", { class: "row" }, push("+1 hour", HOUR_S), push("+1 day", 24 * HOUR_S)),
    el("p", { class: "quiet" }, "Limits reset and offers expire by this clock."));
}

function tick() {
  const text = new Intl.DateTimeFormat(undefined, { weekday: "short", day: "numeric", month: "short", hour: "numeric", minute: "2-digit" }).format(now());
  const hours = Math.round(ahead() / 1000 / HOUR_S);
  const days = Math.floor(hours / 24);
  const before = [days && `${days} d`, hours % 24 && `${hours % 24} h`].filter(Boolean).join(" ");
  if (clock.textContent !== text) clock.textContent = text;
  lead.textContent = before ? `${before} ahead` : "";
}

setInterval(tick, 1000);
