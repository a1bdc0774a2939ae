/** Elements, icons and avatars; text always goes in as text nodes. */

/** Make an element; `on…` props are listeners, `true`/`false` switch an attribute. */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "value" || name === "checked") node[name] = value;
    else if (name === "style") node.style.cssText = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

const PATHS = {
  attach: "M12 5v14M5 12h14",
  at: "M12 8a4 4 0 1 0 0 8a4 4 0 1 0 0-8zM16 8v5.5c0 3.3 4.5 3 4.5-1.5a8.5 8.5 0 1 0-3.5 6.9",
  back: "M15 5l-7 7 7 7",
  pass: "M14 6l6 6-6 6M20 12h-9c-4 0-7 2-7 7",
  check: "M5 12.5l4.5 4.5L19 7.5",
  close: "M6 6l12 12M18 6L6 18",
  copy: "M9 9h10v11H9zM5 15V4h10",
  down: "M7 10l5 5 5-5",
  download: "M12 4v11M7 11l5 5 5-5M5 20h14",
  eye: "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 9.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5z",
  clock: "M12 3.5a8.5 8.5 0 1 0 0 17a8.5 8.5 0 1 0 0-17zM12 7.5V12l3 2",
  file: "M7 3h7l4 4v14H7zM14 3v4h4",
  folder: "M3 6h6l2 2.5h10V19H3z",
  forward: "M9 5l7 7-7 7",
  hash: "M9.5 4L7.5 20M16.5 4l-2 16M4.5 9h16M3.5 15h16",
  menu: "M4 7h16M4 12h16M4 17h16",
  more: "M6 12h.01M12 12h.01M18 12h.01",
  open: "M14 4h6v6M20 4l-9 9M18 14v6H4V6h6",
  person: "M12 4a4 4 0 1 0 0 8a4 4 0 1 0 0-8zM4.5 20.5c0-4 3.3-6 7.5-6s7.5 2 7.5 6",
  reply: "M10 6l-6 6 6 6M4 12h9c4 0 7 2 7 7",
  send: "M4 12l16-8-5 16-3.5-6.5z",
  spark: "M12 3l1.8 6.2L20 11l-6.2 1.8L12 19l-1.8-6.2L4 11l6.2-1.8z",
  star: "M12 4l2.4 5 5.4.7-4 3.8 1 5.5-4.8-2.7L7.2 19l1-5.5-4-3.8 5.4-.7z",
  switch: "M4 8h15l-4-4M20 16H5l4 4",
  wallet: "M4 7h14a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2H4zM4 7V5h12v2M16 13.5h.01",
  warn: "M12 4l9 16H3zM12 10v4M12 17h.01",
};

/** Draw one of the page's own line icons; it says nothing to a screen reader. */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", `icon icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

/** Make a button with an icon and a spoken name. */
export function iconButton(name, label, onclick, props = {}) {
  return el("button", { type: "button", "aria-label": label, title: label, onclick, ...props, class: `icon-button ${props.class ?? ""}` }, icon(name));
}

/** Draw a person's (coloured initial) or the app's (picture) avatar. */
export function avatar(user, color, size = "") {
  if (user?.bot) return el("img", { class: `avatar ${size}`, src: "/page/easel.svg", alt: "" });
  const name = user?.global_name ?? user?.username ?? "?";
  const ground = color ?? "#968fa8";
  return el("span", { class: `avatar ${size}`, style: `background:${ground};color:${isDark(ground) ? "#fff" : "#141218"}`, "aria-hidden": "true" }, name.slice(0, 1).toUpperCase());
}

function isDark(color) {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
  return red * 0.299 + green * 0.587 + blue * 0.114 < 128;
}

/** Give a colour number as CSS writes it. */
export const hex = (color) => (typeof color === "string" ? color : `#${(color ?? 0).toString(16).padStart(6, "0")}`);

/** Say a byte count as people do. */
export function bytes(count) {
  if (count < 1024) return `${count} B`;
  if (count < 1024 * 1024) return `${(count / 1024).toFixed(0)} KB`;
  return `${(count / 1024 / 1024).toFixed(1)} MB`;
}
