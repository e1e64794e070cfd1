"use strict";
// Shows the itineraries of the page and keeps what was reported on this telephone. Every report is
// kept as it was saved, under a key of its own; to correct one is to save another that names it.
const given = JSON.parse(document.getElementById("data").textContent);
const words = given.words;
const SHELF = `jemput-bola-results ${given.plan_id} ${given.plan_version}`;
let memory = [];
let canKeep = true;

function kept() {
  if (!canKeep) return memory;
  try {
    return JSON.parse(localStorage.getItem(SHELF) ?? "[]");
  } catch {
    canKeep = false;
    return memory;
  }
}

function keep(record) {
  const records = [...kept(), record];
  memory = records;
  try {
    localStorage.setItem(SHELF, JSON.stringify(records));
  } catch {
    canKeep = false;
  }
  showState();
}

// crypto.randomUUID is missing where a browser does not trust files; the dice are always there.
function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [8, 12, 16, 20].reduceRight((text, at) => `${text.slice(0, at)}-${text.slice(at)}`, hex);
}

function el(tag, facts = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(facts)) {
    if (name === "text") made.textContent = value;
    else if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== false && value !== null) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

function deviceTime() {
  const now = new Date();
  const offset = -now.getTimezoneOffset();
  const two = (n) => String(Math.trunc(n)).padStart(2, "0");
  const sign = offset < 0 ? "-" : "+";
  const day = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
  const clock = `${two(now.getHours())}:${two(now.getMinutes())}:${two(now.getSeconds())}`;
  return `${day}T${clock}${sign}${two(Math.abs(offset) / 60)}:${two(Math.abs(offset) % 60)}`;
}

function field(label, input) {
  return el("label", {}, label, input);
}

function choice(name, options) {
  const known = Object.entries(options).map(([value, text]) => el("option", { value, text }));
  return el("select", { name }, el("option", { value: "", text: words.unknown }), ...known);
}

function countFields(programme) {
  const inputs = Object.entries(given.outcomes).map(([outcome, label]) =>
    field(label, el("input", {
      type: "number", min: "0", max: "9999", step: "1", inputmode: "numeric",
      name: `${programme}.${outcome}`,
    })));
  const legend = el("legend", { text: given.programmes[programme] });
  return el("fieldset", {}, legend, el("div", { class: "counts" }, ...inputs));
}

function inputsOf(form, programme) {
  return Object.keys(given.outcomes).map((outcome) => form.elements[`${programme}.${outcome}`]);
}

function numbers(form, programme) {
  const counts = {};
  for (const outcome of Object.keys(given.outcomes)) {
    counts[outcome] = Number(form.elements[`${programme}.${outcome}`].value || 0);
  }
  return counts;
}

function moment(day, text) {
  return text ? `${day.day}T${text}:00${given.utc_offset}` : null;
}

function recordOf(form, day, stop, corrects) {
  const value = (name) => form.elements[name].value;
  const names = Object.keys(given.programmes);
  const filled = names.filter((name) => inputsOf(form, name).some((input) => input.value !== ""));
  // What nobody filled in tells nothing, it is not a zero. A report speaks of one programme at
  // least; of the last nobody learns who comes.
  const told = filled.length ? filled : names.slice(-1);
  return {
    key: uuid(), corrects,
    plan_id: given.plan_id, plan_version: given.plan_version,
    team: day.team, day: day.day, stop_id: stop.stop_id, order: stop.order,
    village_code: stop.village_code, point_code: stop.point_code,
    counts: Object.fromEntries(told.map((name) => [name, numbers(form, name)])),
    start: moment(day, value("start")), end: moment(day, value("end")),
    signal: value("signal") || null,
    signal_mbps: value("signal_mbps") === "" ? null : Number(value("signal_mbps")),
    power: value("power") || null,
    notes: value("notes").trim(), device_time: deviceTime(),
  };
}

function fill(form, record) {
  for (const [programme, counts] of Object.entries(record.counts)) {
    for (const [outcome, n] of Object.entries(counts)) {
      form.elements[`${programme}.${outcome}`].value = n || "";
    }
    // Told that nobody came: a correction says so again.
    if (inputsOf(form, programme).every((input) => input.value === "")) {
      form.elements[`${programme}.served`].value = 0;
    }
  }
  for (const name of ["signal", "signal_mbps", "power", "notes"]) {
    form.elements[name].value = record[name] ?? "";
  }
  for (const name of ["start", "end"]) {
    form.elements[name].value = record[name] ? record[name].slice(11, 16) : "";
  }
}

function servedText(record) {
  const parts = Object.entries(given.programmes)
    .map(([name, label]) => [label, record.counts[name]?.served ?? 0])
    .filter(([, n]) => n > 0).map(([label, n]) => `${label} ${n}`);
  return `${record.device_time.slice(11, 16)} ${parts.join(", ") || "0"}`;
}

function report(day, stop) {
  const list = el("div", { "aria-live": "polite" });
  const fault = el("p", { class: "fault", role: "alert" });
  const form = el("form", { novalidate: true },
    ...Object.keys(given.programmes).map(countFields),
    el("div", { class: "row" },
      field(`${words.began} (${given.timezone_label})`, el("input", { type: "time", name: "start" })),
      field(`${words.ended} (${given.timezone_label})`, el("input", { type: "time", name: "end" }))),
    el("div", { class: "row" },
      field(words.signal, choice("signal", given.signals)),
      field(words.speed, el("input", {
        type: "number", min: "0", max: "10000", step: "0.1", inputmode: "decimal", name: "signal_mbps",
      }))),
    el("div", { class: "row" }, field(words.power, choice("power", given.powers))),
    field(words.notes, el("textarea", { name: "notes", rows: "2", maxlength: "1000" })),
    el("p", { class: "soft", text: words.no_names }), fault,
    el("button", { class: "main", text: words.save }));
  let corrects = null;

  function show() {
    const own = kept().filter((record) => record.stop_id === stop.stop_id);
    list.replaceChildren(...own.map((record) => el("p", { class: "saved", text: `${words.saved} ${servedText(record)}` })));
    if (own.length) {
      corrects = own.at(-1).key;
      fill(form, own.at(-1));
      form.querySelector("button").textContent = words.correct;
    }
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const wrong = [...form.elements].find((input) => !input.checkValidity());
    const [from, to] = [form.elements.start.value, form.elements.end.value];
    const isBackwards = from && to && to <= from;
    fault.textContent = wrong || isBackwards ? words.fault : "";
    if (wrong || isBackwards) {
      (wrong ?? form.elements.end).focus();
      return;
    }
    keep(recordOf(form, day, stop, corrects));
    show();
  });
  show();
  return el("details", {}, el("summary", { text: words.report }), list, form);
}

function showStop(day, stop) {
  const warning = stop.warning === "" ? null : el("p", {
    class: stop.is_blank_spot ? "blank" : "weak",
    text: stop.is_blank_spot ? `${words.no_signal}. ${stop.warning}` : stop.warning,
  });
  return [
    stop.way === "" ? null : el("p", { class: "leg", text: stop.way }),
    el("article", { "data-stop": stop.stop_id },
      el("p", { class: "when", text: `${stop.span} ${given.timezone_label}` }),
      el("h3", { text: `${stop.order}. ${stop.village}` }),
      el("p", { text: `${stop.district} · ${stop.place}` }),
      el("p", { class: "soft", text: `${words.expected}: ${stop.expected}` }),
      ...stop.notes.map((text) => el("p", { class: "soft", text })),
      warning,
      el("div", { class: "links" },
        el("a", { href: stop.geo, text: words.navigate }),
        el("a", { href: stop.link, target: "_blank", rel: "noopener", text: words.map })),
      report(day, stop)),
  ];
}

function showDay(day) {
  return el("section", { id: day.id },
    el("h2", { text: day.title }),
    el("p", { class: "soft", text: `${words.bring}: ${day.bring}` }),
    day.breaks === "" ? null : el("p", { class: "soft", text: `${words.break}: ${day.breaks}` }),
    el("p", { class: "point", text: day.leaves }),
    ...day.stops.flatMap((stop) => showStop(day, stop)),
    day.stops.length ? null : el("p", { class: "leg", text: words.day_out }),
    day.home === "" ? null : el("p", { class: "leg", text: day.home }),
    el("p", { class: "point", text: day.ends }));
}

function showState() {
  const n = kept().length;
  const text = words.count.replace("{n}", n);
  document.getElementById("state").textContent = canKeep ? text : `${text} ${words.cannot_keep}`;
}

function exportRecords() {
  const document_ = {
    format: "jemput-bola-results", format_version: 1, exported_at: deviceTime(), records: kept(),
  };
  const blob = new Blob([JSON.stringify(document_, null, 1)], { type: "application/json" });
  const link = el("a", { href: URL.createObjectURL(blob), download: given.results_name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

document.getElementById("page").append(
  el("header", {},
    el("h1", { text: given.title.replaceAll("-", "\u2011") }),
    el("p", { class: "soft", text: given.label })),
  el("nav", {}, ...given.days.map((day) => el("a", { href: `#${day.id}`, text: day.short }))),
  ...given.days.map(showDay));
document.getElementById("export").addEventListener("click", exportRecords);
showState();
