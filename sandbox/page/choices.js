/** What a person chooses from: people, roles and channels of the place they are in, by name. */
import { channelNow, guildNow, nameOf, state } from "./store.js";

const TEXT_CHANNELS = [0, 5];
const KINDS = { 0: "", 2: "voice", 4: "category", 5: "news" };

/** List who is here; outside servers that is oneself and the bot. */
function people() {
  const here = channelNow()?.type === 1 ? [state.me] : state.people;
  return [...here, ...(state.bot ? [state.bot] : [])].map((user) => ({ label: nameOf(user), value: user.id, user, detail: user.bot ? "app" : null }));
}

function roles() {
  return (guildNow()?.roles ?? []).map(({ id, name, color }) => ({ label: `@${bare(name)}`, value: id, color }));
}

function places(types) {
  const all = guildNow()?.channels ?? [];
  return all.filter(({ type }) => !types?.length || types.includes(type))
    .map(({ id, name, type }) => ({ label: `#${name}`, value: id, icon: TEXT_CHANNELS.includes(type) ? "hash" : "folder", detail: KINDS[type] }));
}

const anybody = () => [...people(), ...roles()];
const OF_OPTION = { 6: people, 7: places, 8: roles, 9: anybody };
const OF_SELECT = { 5: people, 6: roles, 7: anybody, 8: places };

/** Give the fixed list that a slash option is picked from ({label, value, …}), or null when it is typed. */
export function optionChoices(option) {
  if (option.choices?.length) return option.choices.map(({ name, value }) => ({ label: name, value }));
  if (option.type === 5) return [{ label: "True", value: true }, { label: "False", value: false }];
  return OF_OPTION[option.type]?.(option.channel_types) ?? null;
}

/** List what a select of any kind offers ({label, value, hint, chosen, …}). */
export function selectChoices(part) {
  const preset = new Set((part.default_values ?? []).map(({ id }) => id));
  const found = OF_SELECT[part.type]?.(part.channel_types);
  if (found) return found.map((choice) => ({ ...choice, chosen: preset.has(choice.value) }));
  return part.options.map(({ emoji, label, value, description, default: chosen }) => ({ label: [emoji?.name, label].filter(Boolean).join(" "), value, hint: description, chosen }));
}

/** Strip the sign of a role or channel, which nobody needs to type. */
export const bare = (label) => label.replace(/^[@#]/, "");
