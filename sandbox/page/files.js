/** Files on their way up: chips with a preview, for the composer and for modals. */
import { bytes, el, icon, iconButton } from "./dom.js";
import { upload } from "./store.js";

const sinks = []; // who takes what is dropped or pasted: the last to ask

/** Take files that are dropped on the page or pasted into it, until the function that is given back is called. */
export function catchFiles(sink) {
  sinks.push(sink);
  return () => sinks.splice(sinks.indexOf(sink), 1);
}

function caught(event, { files }) {
  if (!files.length) return;
  event.preventDefault();
  sinks.at(-1)?.([...files]);
}

document.addEventListener("paste", (event) => caught(event, event.clipboardData));
for (const kind of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, (event) => {
    event.preventDefault();
    const isOver = kind === "dragover" || (kind === "dragleave" && event.relatedTarget !== null);
    document.body.classList.toggle("dragging", isOver && event.dataTransfer.types.includes("Files"));
    if (kind === "drop") caught(event, event.dataTransfer);
  });
}

/** A row of chips and a button; every file is uploaded when it is picked. */
export function filePicker({ max, onchange = () => {} }) {
  const picked = [];
  let left = 0; // those of the last files that found no place
  const chips = el("div", { class: "chips" });
  const input = el("input", { type: "file", hidden: true, multiple: max > 1, onchange: () => {
    add([...input.files]);
    input.value = "";
  } });
  const button = el("button", { type: "button", class: "button secondary add-file", onclick: () => input.click() }, icon("attach"), max > 1 ? `Add files (up to ${max})` : "Choose a file");

  function add(files) {
    left = Math.max(0, files.length - (max - picked.length));
    for (const file of files.slice(0, max - picked.length)) {
      const entry = { file, id: null, url: file.type.startsWith("image/") ? URL.createObjectURL(file) : null, problem: null };
      picked.push(entry);
      upload(file).then(({ upload_id: id }) => (entry.id = id), (problem) => (entry.problem = problem.message)).then(draw);
    }
    draw();
  }

  function remove(entry) {
    left = 0;
    picked.splice(picked.indexOf(entry), 1);
    if (entry.url) URL.revokeObjectURL(entry.url);
    draw();
    button.focus();
  }

  function draw() {
    chips.replaceChildren(...picked.map((entry) => el("div", { class: `chip ${entry.problem ? "wrong" : ""}` },
      entry.url ? el("img", { src: entry.url, alt: "" }) : icon("file"),
      el("span", { class: "chip-text" }, el("span", { class: "chip-name" }, entry.file.name), el("span", { class: "quiet" }, entry.problem ?? (entry.id ? bytes(entry.file.size) : "Uploading…"))),
      iconButton("close", `Remove ${entry.file.name}`, () => remove(entry)))),
    ...(left ? [el("p", { class: "chip-note", role: "alert" }, icon("warn"), `${max === 1 ? "One file fits" : `${max} files fit`} here, ${left} left out`)] : []));
    button.hidden = picked.length >= max;
    onchange();
  }

  return {
    node: el("div", { class: "file-picker" }, chips, button, input), chips, button, input, add,
    ids: () => picked.filter(({ id }) => id).map(({ id }) => id),
    isBusy: () => picked.some(({ id, problem }) => !id && !problem),
    isEmpty: () => picked.length === 0,
    focus: () => (button.hidden ? chips.querySelector("button") : button).focus(),
    clear() {
      left = 0;
      for (const { url } of picked.splice(0)) if (url) URL.revokeObjectURL(url);
      draw();
    },
  };
}
