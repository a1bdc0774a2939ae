/** Pictures: rows that keep every shape whole, spoilers, and the lightbox. */
import { bytes, el, icon, iconButton } from "./dom.js";
import { now } from "./store.js";

const ROWS = [[], [1], [2], [3], [2, 2], [2, 3], [3, 3], [2, 2, 3], [2, 3, 3], [3, 3, 3], [3, 3, 4]];
const ROW_HEIGHT = 300;
const SINGLE_HEIGHT = 400;
const WIDTH = 560;
const IS_SPOILER = 1 << 3;
const LINKS_MAX = 500;
const links = new Map(); // path -> the link a picture was first shown by
const revealed = new Set(); // by picture id: a message drawn again keeps its pictures open

/** Say an attachment in the words of this file; null when it is no picture. */
export function pictureOf(attachment) {
  if (!attachment.content_type?.startsWith("image/") && !attachment.width) return null;
  return {
    id: attachment.id, url: attachment.url, src: attachment.proxy_url ?? attachment.url, width: attachment.width, height: attachment.height,
    alt: attachment.description ?? "", name: attachment.filename, size: attachment.size,
    spoiler: Boolean(attachment.flags & IS_SPOILER) || attachment.filename.startsWith("SPOILER_"),
  };
}

/** Who does not see a picture that nobody described hears its name. */
export const wordsOf = ({ alt, name }) => alt || name;

const ratio = ({ width, height }) => (width && height ? width / height : 1);

/** Give the link a picture is shown by already, while it lasts: each telling signs it anew, which would load it again. */
export function steady(url) {
  const [path] = url.split("?");
  const known = links.get(path);
  if (known && parseInt(new URL(known).searchParams.get("ex"), 16) * 1000 > now()) return known;
  if (links.size >= LINKS_MAX) links.clear();
  links.set(path, url);
  return url;
}

/** Lay pictures out in rows of one height; nothing is cropped. */
export function gallery(pictures) {
  const rows = [];
  let at = 0;
  for (const length of ROWS[Math.min(pictures.length, 10)]) {
    rows.push(pictures.slice(at, at + length));
    at += length;
  }
  const height = pictures.length === 1 ? SINGLE_HEIGHT : ROW_HEIGHT;
  const widest = Math.min(...rows.map((row) => row.reduce((sum, picture) => sum + ratio(picture), 0) * height));
  const width = Math.round(Math.min(WIDTH, pictures.length === 1 ? Math.min(widest, pictures[0].width ?? WIDTH) : widest));
  return el("div", { class: "gallery", style: `max-width:${Math.max(120, width)}px` }, rows.map((row) => el("div", { class: "gallery-row" },
    row.map((picture) => tile(picture, pictures)))));
}

function tile(picture, all) {
  const isHidden = picture.spoiler && !revealed.has(picture.id);
  const image = el("img", { src: steady(picture.src), alt: wordsOf(picture), loading: "lazy", decoding: "async", width: picture.width, height: picture.height });
  const button = el("button", {
    type: "button", class: isHidden ? "picture covered" : "picture", style: `flex:${ratio(picture)} 1 0;aspect-ratio:${ratio(picture)}`,
    "aria-label": isHidden ? "Show the spoiler" : `Open picture: ${wordsOf(picture)}`,
    onclick() {
      if (!button.classList.contains("covered")) return lightbox(all, all.indexOf(picture));
      revealed.add(picture.id);
      button.classList.remove("covered");
      button.setAttribute("aria-label", `Open picture: ${wordsOf(picture)}`);
    },
  }, image, isHidden && el("span", { class: "spoiler-label" }, "Spoiler"));
  image.addEventListener("error", () => button.classList.add("broken"));
  return button;
}

/** Show one of `pictures` large, with its words, its size and a way to keep it. */
export function lightbox(pictures, index) {
  const stage = el("div", { class: "lightbox-stage" });
  const dialog = el("dialog", { class: "lightbox", "aria-label": "Picture", onclose: () => dialog.remove() }, stage);
  const go = (step) => {
    index = (index + step + pictures.length) % pictures.length;
    stage.replaceChildren(...view(pictures[index], pictures.length > 1 ? `${index + 1} of ${pictures.length}` : null));
  };
  const isMany = pictures.length > 1;
  dialog.append(iconButton("close", "Close", () => dialog.close(), { class: "lightbox-close" }));
  if (isMany) dialog.append(iconButton("back", "Previous picture", () => go(-1), { class: "lightbox-back" }), iconButton("forward", "Next picture", () => go(1), { class: "lightbox-forward" }));
  dialog.addEventListener("keydown", (event) => {
    if (isMany && event.key === "ArrowLeft") go(-1);
    if (isMany && event.key === "ArrowRight") go(1);
  });
  dialog.addEventListener("click", (event) => [dialog, stage].includes(event.target) && dialog.close());
  document.body.append(dialog);
  go(0);
  dialog.showModal();
}

function view(picture, position) {
  const pixels = picture.width ? `${picture.width} × ${picture.height}` : null;
  const facts = [position, pixels, picture.size && bytes(picture.size), picture.name].filter(Boolean).join(" · ");
  return [
    el("img", { class: "lightbox-image", src: picture.url, alt: wordsOf(picture), width: picture.width, height: picture.height }),
    el("div", { class: "lightbox-caption" },
      el("p", { class: "lightbox-alt" }, picture.alt || "No description"),
      el("p", { class: "lightbox-facts" }, facts),
      el("div", { class: "lightbox-links" },
        el("a", { class: "button secondary", href: picture.url, download: picture.name || "picture" }, icon("download"), "Download"),
        el("a", { class: "button secondary", href: picture.url, target: "_blank", rel: "noopener noreferrer" }, icon("open"), "Open"))),
  ];
}

/** Show a file that is no picture. */
export function fileCard({ url, name, size }) {
  return el("a", { class: "file-card", href: url, download: name }, icon("file"),
    el("span", { class: "file-text" }, el("span", { class: "file-name" }, name), size && el("span", { class: "file-size" }, bytes(size))), icon("download"));
}
