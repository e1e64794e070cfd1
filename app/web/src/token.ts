/** Keeps the token for as long as the tab is open, and where no other tab sees it. */

const KEY = "jemput-bola.token";

/** The part of `Storage` that is used. */
export type Drawer = Pick<Storage, "getItem" | "setItem">;

/** The tab's storage; null where the browser forbids it: the token then lasts until a reload. */
export function tabStorage(): Drawer | null {
  try {
    return sessionStorage;
  } catch {
    return null;
  }
}

export function storedToken(drawer: Drawer | null): string | null {
  return drawer?.getItem(KEY) || null;
}

export function storeToken(drawer: Drawer | null, token: string): void {
  drawer?.setItem(KEY, token);
}
