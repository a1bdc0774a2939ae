/** The right column: the wallet, what is left of each limit, the last receipts, and faults to try. */
import { el, iconButton } from "./dom.js";
import { Dropdown } from "./listbox.js";
import { timestamp } from "./markdown.js";
import { openSheet } from "./sidebar.js";
import { on, post, state } from "./store.js";

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
}

function draw(data) {
  const text = JSON.stringify(data);
  if (text === shown || panel.querySelector("[aria-expanded=true]")) return;
  shown = text;
  const { wallet } = data;
  panel.replaceChildren(
    el("header", { class: "panel-head" }, el("h2", {}, "Wallet"), iconButton("close", "Close", () => openSheet("panel-open"), { class: "narrow" })),
    el("section", { class: "wallet", "aria-label": "Wallet" },
      el("p", { class: "balance" }, el("span", {}, wallet.balance), el("small", {}, "left in the shared wallet")),
      el("dl", {}, fact("Spent", wallet.spent), fact("Held", wallet.held), fact("Calls", String(wallet.calls)))),
    el("section", { "aria-label": "Limits" }, el("h3", {}, "Limits"), data.quota.length ? data.quota.map(bar) : el("p", { class: "quiet" }, "No limit applies here.")),
    el("section", { "aria-label": "Receipts" }, el("h3", {}, "Last receipts"),
      data.receipts.length ? el("ul", { class: "receipts" }, data.receipts.map(receipt)) : el("p", { class: "quiet" }, "None yet. Paint something.")),
    faults(data));
}

const fact = (name, value) => el("div", {}, el("dt", {}, name), el("dd", {}, value));

function bar(quota) {
  const share = Math.min(1, Math.max(0, quota.used_share ?? 0));
  const resets = quota.resets_at && ["resets ", timestamp(Date.parse(quota.resets_at) / 1000, "R")];
  const isHeld = quota.held && !/^\$0(\.0+)?$/.test(quota.held);
  return el("div", { class: `quota ${share >= 0.9 ? "low" : ""}` },
    el("p", {}, el("span", {}, quota.label), el("span", {}, el("strong", {}, quota.left), ` of ${quota.of}`)),
    el("div", { class: "meter", role: "meter", "aria-label": `${quota.label}: used`, "aria-valuemin": "0", "aria-valuemax": "100", "aria-valuenow": String(Math.round(share * 100)), "aria-valuetext": `${quota.left} left of ${quota.of}` },
      el("i", { style: `width:${(share * 100).toFixed(1)}%` })),
    el("p", { class: "quiet" }, `${Math.round(share * 100)} % used`, isHeld && ` · ${quota.held} held`, resets && " · ", resets));
}

function receipt({ id, text, state: stage, amount }) {
  return el("li", {}, el("div", {}, el("span", { class: "receipt-text" }, text), el("span", { class: "receipt-id" }, el("code", {}, id), el("span", { class: `stage stage-${stage}` }, stage))), el("strong", {}, amount));
}

function faults(data) {
  if (!data.faults?.length) return null;
  const dropdown = new Dropdown({
    label: "Fault for the next call",
    options: [{ label: "None: all is well", value: "" }, ...data.faults.map(({ name, label }) => ({ label, value: name }))]
      .map((option) => ({ ...option, chosen: option.value === (data.fault ?? "") })),
    onchange: ([name]) => post("fault", { name: name || null }).then(refresh, refresh),
  });
  return el("section", { class: data.fault ? "faults armed" : "faults", "aria-label": "Faults" }, el("h3", {}, "Break the next call"), dropdown.node,
    el("p", { class: "quiet", role: "status" }, data.fault ? "Armed. It strikes once, at the next paid call." : "Choose a fault and watch where the money goes."));
}
