/** Building elements without markup in strings: what the server says can never become HTML. */
import type { Api, Problem } from "./api";
import type { State } from "./state";
import { texts, type Texts } from "./texts";

type Child = Node | string | null | false;
type Attribute = string | number | boolean | null | ((event: Event) => void);

/** Create an element: `on…` attributes become listeners, null and false are left out. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, Attribute>> = {},
  ...children: readonly (Child | readonly Child[])[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) setAttribute(element, name, value);
  element.append(
    ...children.flat().filter((child): child is Node | string => child !== null && child !== false),
  );
  return element;
}

function setAttribute(element: HTMLElement, name: string, value: Attribute): void {
  if (typeof value === "function") element.addEventListener(name.slice(2), value);
  else if (name === "fill") element.style.setProperty("--fill", String(value));
  else if (value !== null && value !== false)
    element.setAttribute(name, value === true ? "" : String(value));
}

export type Change = (state: State) => State;

const CHANGE = "jb-change";

/** Tell the page that the user asked for a change of state. */
export function emit(from: HTMLElement, change: Change): void {
  from.dispatchEvent(new CustomEvent<Change>(CHANGE, { bubbles: true, detail: change }));
}

export function onChange(listener: (change: Change) => void): void {
  document.addEventListener(CHANGE, (event) => listener((event as CustomEvent<Change>).detail));
}

/** Something that the server is asked to do, and what the page makes of its answer. */
export interface Deed {
  readonly ask: (api: Api) => Promise<Change>;
  readonly refused: (problem: Problem) => void;
}

const DEED = "jb-deed";

/** Have the server do something for the user. */
export function perform(from: HTMLElement, deed: Deed): void {
  from.dispatchEvent(new CustomEvent<Deed>(DEED, { bubbles: true, detail: deed }));
}

export function onDeed(listener: (deed: Deed) => void): void {
  document.addEventListener(DEED, (event) => listener((event as CustomEvent<Deed>).detail));
}

/** A part of the page: draws itself from the state, and only when the facts it shows have changed. */
export abstract class Panel extends HTMLElement {
  private shown: readonly unknown[] | null = null;
  private last: State | null = null;

  /** What the drawing depends on, compared by identity; the language is always part of it. */
  protected abstract facts(state: State): readonly unknown[];

  protected abstract draw(state: State, words: Texts): readonly Child[];

  show(state: State): void {
    this.last = state;
    const facts = [state.selection.lang, ...this.facts(state)];
    if (this.shown?.every((fact, i) => Object.is(fact, facts[i]))) return;
    this.shown = facts;
    const focused = this.contains(document.activeElement) ? document.activeElement?.id : undefined;
    const children = this.draw(state, texts(state.selection.lang));
    this.replaceChildren(
      ...children.filter((child): child is Node | string => child !== null && child !== false),
    );
    if (focused) document.getElementById(focused)?.focus();
  }

  /** Draw again because of something that only this part knows, such as an open form. */
  protected redraw(): void {
    this.shown = null;
    if (this.last) this.show(this.last);
  }
}
