/** Forwarding: a dialog that asks where to, then shows the copy there. */
import { avatar, el, icon, iconButton } from "./dom.js";
import { channels, guildOf, post, showMessage, state } from "./store.js";

/** Ask where `message` shall go. */
export function openForward(message) {
  const problem = el("p", { class: "failure", role: "alert", hidden: true });
  const dialog = el("dialog", { class: "modal", "aria-labelledby": "forward-title", onclose: () => dialog.remove(), onkeydown: (event) => walk(dialog, event) },
    el("header", {}, el("div", {}, el("h2", { id: "forward-title" }, "Forward to"), el("p", { class: "quiet" }, "A copy, without the author's name")), iconButton("close", "Close", () => dialog.close())),
    el("div", { class: "modal-body destinations" }, channels().map((channel) => destination(channel, () => send(dialog, message, channel, problem))), problem));
  document.body.append(dialog);
  dialog.showModal();
  dialog.querySelector(".destination").focus();
}

function destination(channel, onclick) {
  return el("button", { type: "button", class: "destination", onclick },
    channel.type === 1 ? avatar(state.bot, null, "tiny") : icon("hash"), el("span", {}, channel.name), el("span", { class: "quiet" }, guildOf(channel.id)?.name ?? "Direct message"));
}

async function send(dialog, message, { id: to }, problem) {
  try {
    const { id } = await post("forward", { channel_id: message.channel_id, message_id: message.id, to });
    dialog.close();
    showMessage(to, id);
  } catch (error) {
    problem.replaceChildren(icon("warn"), error.message);
    problem.hidden = false;
  }
}

function walk(dialog, event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  const all = [...dialog.querySelectorAll(".destination")];
  event.preventDefault();
  all[(all.indexOf(document.activeElement) + step + all.length) % all.length].focus();
}
