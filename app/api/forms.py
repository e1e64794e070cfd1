"""Parts of the pages that are forms: everything that is not ours is escaped here."""

from collections.abc import Iterable, Mapping
from html import escape

from starlette.responses import HTMLResponse

from app.texts import Lang

_STYLE = """
:root { color-scheme: light; font: 16px/1.5 system-ui, sans-serif; color: #1d2b33 }
body { margin: 0 auto; max-width: 60rem; padding: 1.5rem }
h1 { font-size: 1.5rem } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem }
form.fields { display: flex; flex-wrap: wrap; gap: .75rem; align-items: end }
label { display: block } label span { display: block; font-size: .875rem }
input, select { font: inherit; padding: .4rem .5rem; border: 1px solid #6b7b84; border-radius: 4px }
button { font: inherit; padding: .4rem .9rem; border: 0; border-radius: 4px; background: #0b5c73;
  color: #fff; cursor: pointer }
:is(a, button, input, select):focus-visible { outline: 3px solid #e08a00; outline-offset: 2px }
td form { display: inline } td button { padding: .15rem .6rem }
.wrong, .said { border-left: 4px solid; padding: .5rem .75rem }
.wrong { border-color: #b3261e; background: #fdeceb } .said { border-color: #1b7f4b;
  background: #e9f6ee }
code { overflow-wrap: anywhere } .rows { overflow-x: auto }
table { border-collapse: collapse } th, td { text-align: left; padding: .35rem .75rem .35rem 0 }
tr { border-bottom: 1px solid #d5dde1 }
"""


def page(
    title: str,
    body: str,
    lang: Lang,
    *,
    status: int = 200,
    wrong: str | None = None,
    said: str | None = None,
    secret: str | None = None,
) -> HTMLResponse:
    """Give a page; ``body`` is HTML, the rest plain text. No cache keeps it.

    ``wrong`` says why something was refused, ``said`` what was done, ``secret`` follows it.
    """
    notes = f'<p class="wrong" role="alert">{escape(wrong)}</p>' if wrong else ""
    if said:
        shown = f"<br><code>{escape(secret)}</code>" if secret else ""
        notes += f'<p class="said" role="status">{escape(said)}{shown}</p>'
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width, '
        f'initial-scale=1"><title>{escape(title)} - Jemput Bola</title>'
        f'<link rel="icon" href="data:,"><style>{_STYLE}</style>'
    )
    text = (
        f'<!doctype html><html lang="{lang}"><head>{head}</head><body><main>'
        f"<h1>{escape(title)}</h1>{notes}{body}</main></body></html>"
    )
    return HTMLResponse(text, status, headers={"Cache-Control": "no-store"})


def field(name: str, label: str, value: str = "", *, kind: str = "text", **more: str) -> str:
    """Give a labelled input that must be filled in, unless ``required`` is said to be empty."""
    attributes = {"name": name, "type": kind, "value": value, "required": "required", **more}
    given = "".join(f' {key}="{escape(text)}"' for key, text in attributes.items() if text)
    return f"<label><span>{escape(label)}</span><input{given}></label>"


def choice(name: str, label: str, options: Mapping[str, str]) -> str:
    """Give a labelled list to choose one of."""
    items = "".join(
        f'<option value="{escape(value)}">{escape(text)}</option>'
        for value, text in options.items()
    )
    return f'<label><span>{escape(label)}</span><select name="{name}">{items}</select></label>'


def form(
    action: str,
    fields: Iterable[str],
    button: str,
    hidden: Mapping[str, str] | None = None,
    lang: Lang = "id",
) -> str:
    """Give a form that posts its fields; ``fields`` are HTML."""
    kept = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in (hidden or {}).items()
    )
    shown = "".join(fields)
    css = ' class="fields"' if shown else ""
    return (
        f'<form method="post" action="{escape(action)}?lang={lang}"{css}>{kept}{shown}'
        f'<button type="submit">{escape(button)}</button></form>'
    )


def table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Give a table; heads are plain text, cells are HTML."""
    head = "".join(f'<th scope="col">{escape(text)}</th>' for text in heads)
    lines = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    inside = f"<thead><tr>{head}</tr></thead><tbody>{lines}</tbody>"
    return f'<div class="rows"><table>{inside}</table></div>'
