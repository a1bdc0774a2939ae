/** What an app puts under or instead of text: buttons, selects, embeds, and Components V2. */
import { selectChoices } from "./choices.js";
import { el, hex, icon } from "./dom.js";
import { Dropdown } from "./listbox.js";
import { markdown, timestamp } from "./markdown.js";
import { fileCard, gallery, lightbox, steady, wordsOf } from "./pictures.js";
import { interact } from "./store.js";

const STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "link", 6: "primary" };

const DRAW = {
  1: (part, message) => !message.isCopy && el("div", { class: "row" }, drawAll(part.components, message)), // a forward has nothing to press
  2: button,
  3: select, 5: select, 6: select, 7: select, 8: select,
  9: (part, message) => el("div", { class: "section" }, el("div", { class: "section-text" }, drawAll(part.components, message)), draw(part.accessory, message)),
  10: (part) => el("div", { class: "text-display" }, markdown(part.content)),
  11: thumbnail,
  12: (part) => gallery(part.items.map(mediaOf)),
  13: (part) => fileCard({ url: part.file.url, name: part.name ?? part.file.url.split("/").pop().split("?")[0], size: part.size }),
  14: (part) => el("hr", { class: `separator ${part.spacing === 2 ? "large" : ""} ${part.divider === false ? "bare" : ""}` }),
  17: container,
};

function draw(part, message) {
  return DRAW[part.type]?.(part, message) ?? el("p", { class: "subtext" }, `(a component of kind ${part.type}, which this page can't show)`);
}

/** Draw a list of components as they stand in the message. */
export function drawAll(parts, message) {
  return (parts ?? []).map((part) => draw(part, message));
}

function button(part, message) {
  const label = [part.emoji?.name && el("span", { class: "emoji" }, part.emoji.name), part.label && el("span", {}, part.label)];
  if (part.style === 5) return el("a", { class: "button link", href: part.url, target: "_blank", rel: "noopener noreferrer" }, label, icon("open"));
  const node = el("button", {
    type: "button", class: `button ${STYLES[part.style]}`, disabled: part.disabled || message.isCopy, "data-key": part.custom_id, "aria-label": part.label ? null : part.emoji?.name,
    onclick: () => waiting(node, press("press", message, { custom_id: part.custom_id }, part.label ?? part.emoji?.name)),
  }, label);
  return node;
}

function press(path, message, body, label) {
  return interact(path, { message_id: message.id, channel_id: message.channel_id, ...body }, label);
}

async function waiting(node, work) {
  node.classList.add("waiting");
  node.setAttribute("aria-busy", "true");
  try {
    await work;
  } catch (problem) {
    node.closest(".message")?.append(el("p", { class: "failure", role: "alert" }, icon("warn"), problem.message));
  } finally {
    node.classList.remove("waiting");
    node.removeAttribute("aria-busy");
  }
}

function select(part, message) {
  const dropdown = new Dropdown({
    label: part.placeholder ?? "Make a selection", placeholder: part.placeholder ?? "Make a selection", options: selectChoices(part),
    min: part.min_values ?? 1, max: part.max_values ?? 1, disabled: part.disabled, key: part.custom_id,
    onchange: (values) => waiting(dropdown.button, press("select", message, { custom_id: part.custom_id, values }, part.placeholder ?? "Selection")),
  });
  return dropdown.node;
}

function mediaOf(item) {
  const { media } = item;
  return {
    id: media.attachment_id ?? media.url, url: media.url, src: media.proxy_url ?? media.url, width: media.width, height: media.height,
    alt: item.description ?? "", name: media.url.split("/").pop().split("?")[0], spoiler: item.spoiler,
  };
}

function thumbnail(part) {
  const picture = mediaOf(part);
  return el("button", { type: "button", class: "thumbnail", "aria-label": `Open picture: ${wordsOf(picture)}`, onclick: () => lightbox([picture], 0) },
    el("img", { src: steady(picture.src), alt: wordsOf(picture) }));
}

function container(part, message) {
  const accent = Number.isInteger(part.accent_color) ? `--accent:${hex(part.accent_color)}` : null;
  const node = el("div", { class: `container ${accent ? "accented" : ""}`, style: accent }, drawAll(part.components, message));
  if (!part.spoiler) return node;
  const cover = el("button", { type: "button", class: "cover", onclick: () => cover.remove() }, "Spoiler");
  node.append(cover);
  return node;
}

/** Draw a classic embed. */
export function embed(data) {
  const image = (media) => ({ id: media.url, url: media.url, src: media.proxy_url ?? media.url, width: media.width, height: media.height, alt: media.description ?? data.title ?? "", name: "" });
  const footer = [data.footer?.text, data.timestamp && timestamp(Date.parse(data.timestamp) / 1000, "f")].filter(Boolean);
  return el("article", { class: "embed", style: data.color ? `--accent:${hex(data.color)}` : null },
    el("div", { class: "embed-text" },
      data.author?.name && el("p", { class: "embed-author" }, data.author.name),
      data.title && el("p", { class: "embed-title" }, data.url ? el("a", { href: data.url, target: "_blank", rel: "noopener noreferrer" }, data.title) : data.title),
      data.description && el("div", { class: "embed-description" }, markdown(data.description)),
      data.fields?.length > 0 && el("dl", { class: "embed-fields" }, data.fields.map((field) => el("div", { class: field.inline ? "inline" : null }, el("dt", {}, field.name), el("dd", {}, markdown(field.value)))))),
    data.thumbnail && el("img", { class: "embed-thumbnail", src: data.thumbnail.proxy_url ?? data.thumbnail.url, alt: "" }),
    data.image && gallery([image(data.image)]),
    footer.length > 0 && el("p", { class: "embed-footer" }, footer.flatMap((part, index) => (index ? [" · ", part] : [part]))));
}
