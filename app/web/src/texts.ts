/** Words of the page: one dictionary per language, equal keys (held by a test). */
import en from "./i18n/en.json";
import id from "./i18n/id.json";
import { createFormat, type Format } from "./format";
import type { Lang } from "./state";

export type Key = keyof typeof id;
export type Params = Readonly<Record<string, string | number>>;

const dictionaries: Readonly<Record<Lang, Readonly<Record<Key, string>>>> = { id, en };

export interface Texts {
  readonly lang: Lang;
  readonly format: Format;
  /** The text of a key, its `{names}` filled in. */
  readonly t: (key: Key, params?: Params) => string;
  /** The word for a code of the server; a code without a word yet is shown as it came. */
  readonly word: (group: string, code: string | null) => string;
}

function createTexts(lang: Lang): Texts {
  const dictionary = dictionaries[lang];
  return {
    lang,
    format: createFormat(lang),
    t: (key, params = {}) =>
      dictionary[key].replace(/\{(\w+)\}/g, (hole, name: string) => String(params[name] ?? hole)),
    word: (group, code) =>
      code === null
        ? "–"
        : ((dictionary as Readonly<Record<string, string>>)[`${group}.${code}`] ?? code),
  };
}

const all: Readonly<Record<Lang, Texts>> = { id: createTexts("id"), en: createTexts("en") };

export function texts(lang: Lang): Texts {
  return all[lang];
}
