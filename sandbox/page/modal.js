/** An app's modal: a dialog of labelled fields, sent back whole. */
import { selectChoices } from "./choices.js";
import { el, icon, iconButton } from "./dom.js";
import { Dropdown } from "./listbox.js";
import { markdown } from "./markdown.js";
import { catchFiles, filePicker } from "./files.js";
import { nameOf, on, post, state } from "./store.js";

let serial = 0;

export function showModals() {
  on("modal", ({ interaction, modal }) => open(interaction, modal));
}

function open(interaction, modal) {
  document.querySelector("dialog.modal")?.close();
  const fields = [];
  const problem = el("p", { class: "failure", role: "alert", hidden: true });
  const submit = el("button", { class: "button primary", type: "submit" }, "Submit");
  const letGo = catchFiles((given) => fields.find(({ isFile }) => isFile)?.add(given));
  const dialog = el("dialog", { class: "modal", "aria-labelledby": `modal-${++serial}`, onclose: () => [letGo(), dialog.remove()] },
    el("form", { novalidate: true, onsubmit: (event) => {
      event.preventDefault();
      send(dialog, interaction, fields, problem, submit);
    } },
    el("header", {}, el("div", {}, el("h2", { id: `modal-${serial}` }, modal.title), el("p", { class: "quiet" }, `Sent to ${state.bot ? nameOf(state.bot) : "the app"}`)), iconButton("close", "Close", () => dialog.close())),
    el("div", { class: "modal-body" }, modal.components.map((part) => row(part, fields)), problem),
    el("footer", {}, el("button", { class: "button secondary", type: "button", onclick: () => dialog.close() }, "Cancel"), submit)));
  document.body.append(dialog);
  dialog.showModal();
  dialog.querySelector("textarea, input, .dropdown, .button.add-file")?.focus();
}

async function send(dialog, interaction, fields, problem, submit) {
  const faulty = fields.filter((field) => !field.check());
  if (faulty.length) return faulty[0].focus();
  submit.disabled = true;
  const body = { interaction_id: interaction, values: {}, files: {} };
  for (const field of fields) body[field.isFile ? "files" : "values"][field.id] = field.value();
  try {
    await post("modal", body);
    dialog.close();
  } catch (error) {
    problem.replaceChildren(icon("warn"), error.message);
    problem.hidden = false;
  } finally {
    submit.disabled = false;
  }
}

function row(part, fields) {
  if (part.type === 10) return el("div", { class: "text-display" }, markdown(part.content));
  if (part.type === 1) return part.components.map((inner) => labelled(inner, inner.label, null, fields));
  return labelled(part.component, part.label, part.description, fields);
}

function labelled(part, label, description, fields) {
  const id = `field-${++serial}`;
  const field = { id: part.custom_id, isFile: false, ...FIELDS[part.type](part, id, label) };
  const isRequired = part.required ?? part.type !== 23;
  const error = el("p", { class: "field-error", id: `${id}-error`, role: "alert" });
  const say = (text) => {
    error.textContent = text ?? "";
    box.classList.toggle("wrong", Boolean(text));
    return !text;
  };
  field.check = () => say(field.problem(isRequired));
  const box = el("div", { class: "field" },
    el(part.type === 4 ? "label" : "p", { class: "field-label", for: part.type === 4 ? id : null, id: `${id}-label` }, label, isRequired && el("span", { class: "needed", "aria-hidden": "true" }, "*")),
    description && el("p", { class: "quiet" }, description), field.node, error);
  fields.push(field);
  return box;
}

const FIELDS = { 4: textInput, 3: select, 5: select, 6: select, 7: select, 8: select, 19: files, 21: radios, 22: checks, 23: check };
const NEEDED = "This is required";

function textInput(part, id) {
  const isLong = part.style === 2;
  const input = el(isLong ? "textarea" : "input", { id, value: part.value ?? "", placeholder: part.placeholder, maxlength: part.max_length ?? 4000, rows: isLong ? "4" : null, "aria-describedby": `${id}-error`, autocomplete: "off" });
  const count = part.max_length && el("span", { class: "count" });
  const recount = () => count && (count.textContent = `${input.value.length}/${part.max_length}`);
  input.addEventListener("input", recount);
  recount();
  return {
    node: el("div", { class: "text-field" }, input, count), value: () => input.value, focus: () => input.focus(),
    problem(isRequired) {
      if (!input.value.trim()) return isRequired ? NEEDED : null;
      return input.value.length < (part.min_length ?? 0) ? `Write at least ${part.min_length} characters` : null;
    },
  };
}

function select(part, id, label) {
  const dropdown = new Dropdown({ label, placeholder: part.placeholder ?? undefined, options: selectChoices(part), min: part.required === false ? 0 : part.min_values ?? 1, max: part.max_values ?? 1, disabled: part.disabled });
  return { node: dropdown.node, value: () => dropdown.values, focus: () => dropdown.button.focus(), problem: (isRequired) => tooFew(dropdown.values.length, part, isRequired) };
}

function tooFew(count, part, isRequired) {
  const min = part.min_values ?? 1;
  if (!count) return isRequired && min > 0 ? NEEDED : null;
  return count < min ? `Choose at least ${min}` : null;
}

function files(part) {
  const picker = filePicker({ max: part.max_values ?? 1 });
  return { isFile: true, node: picker.node, add: picker.add, value: () => picker.ids(), focus: () => picker.focus(),
    problem: (isRequired) => (picker.isBusy() ? "The upload is still running" : tooFew(picker.ids().length, part, isRequired)) };
}

function choices(kind, part, id) {
  const inputs = part.options.map((option) => el("input", { type: kind, name: id, value: option.value, checked: Boolean(option.default) }));
  const node = el("div", { class: "choices", role: kind === "radio" ? "radiogroup" : "group", "aria-labelledby": `${id}-label` }, part.options.map((option, index) => el("label", { class: "choice" }, inputs[index],
    el("span", {}, el("span", { class: "choice-label" }, option.label), option.description && el("span", { class: "quiet" }, option.description)))));
  return { node, chosen: () => inputs.filter((input) => input.checked).map((input) => input.value), focus: () => inputs[0].focus() };
}

function radios(part, id) {
  const { chosen, ...rest } = choices("radio", part, id);
  return { ...rest, value: () => chosen()[0] ?? null, problem: (isRequired) => (isRequired && !chosen().length ? NEEDED : null) };
}

function checks(part, id) {
  const { chosen, ...rest } = choices("checkbox", part, id);
  const problem = (isRequired) => (chosen().length > (part.max_values ?? part.options.length) ? `Choose at most ${part.max_values}` : tooFew(chosen().length, part, isRequired));
  return { ...rest, value: chosen, problem };
}

function check(part, id) {
  const input = el("input", { type: "checkbox", id, checked: Boolean(part.default), "aria-labelledby": `${id}-label` });
  return { node: input, value: () => input.checked, focus: () => input.focus(), problem: () => null };
}
