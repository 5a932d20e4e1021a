"use strict";
const PAGE = 60;
const token = document.querySelector("meta[name=review-token]").content;
const state = { kind: null, rows: [], offset: 0, total: 0, at: 0, grid: false, busy: false, edit: "",
  progress: { done: 0, total: 0 }, done: {} };

async function ask(path, options = {}) {
  const answer = await fetch(path, options);
  const body = await answer.json();
  if (!answer.ok) throw new Error(typeof body.detail === "string" ? body.detail : "refused");
  return body;
}

function tell(text) {
  $("message").textContent = text;
  $("message").hidden = !text;
}

function filters() {
  return new URLSearchParams(new FormData($("filters")));
}

async function load(offset, at) {
  const wanted = filters();
  wanted.set("kind", state.kind.name);
  wanted.set("offset", offset);
  wanted.set("limit", PAGE);
  const page = await ask(`/api/queue?${wanted}`);
  if (!page.rows.length && page.total && offset) return load(0, 0);
  Object.assign(state, { rows: page.rows, offset, total: page.total });
  state.at = Math.max(0, Math.min(at, page.rows.length - 1));
  drawProgress(await ask(`/api/facets?kind=${state.kind.name}`));
  draw();
}

function undoable() {
  return (state.done[state.kind.name] ??= []);
}

async function save(labels, note) {
  drawProgress(await ask("/api/decide", {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Review-Token": token },
    body: JSON.stringify({ kind: state.kind.name, labels, note }),
  }));
}

// Only one thing at a time: the next picture shows when the decision is on disk.
async function guarded(work, failed = "") {
  if (state.busy) return;
  state.busy = true;
  try {
    tell("");
    await work();
  } catch (fault) {
    tell(failed + fault.message);
  } finally {
    state.busy = false;
  }
}

function decide(label) {
  return guarded(async () => {
    const row = state.rows[state.at];
    if (!row || !label) return;
    await save({ [row.pair_id]: label }, $("note").value);
    undoable().push({ id: row.pair_id, before: row.label });
    row.label = label;
    row.note = $("note").value;
    await step(1);
  }, "Not saved: ");
}

async function step(by) {
  const at = state.at + by;
  if (at >= state.rows.length) {
    // Decided rows leave the list of undecided ones; those that were passed over stay in it.
    const open = filters().get("state") === "open";
    const left = open ? state.rows.filter((row) => !row.label).length : state.rows.length;
    const more = state.offset + left < (open ? state.total - (state.rows.length - left) : state.total);
    if (more || open) await load(more ? state.offset + left : 0, 0);
  } else if (at < 0) {
    if (state.offset) await load(Math.max(0, state.offset - PAGE), PAGE - 1);
  } else {
    state.at = at;
    draw();
  }
}

function undo() {
  return guarded(async () => {
    const last = undoable().at(-1);
    if (!last) return;
    await save({ [last.id]: last.before }, null);
    undoable().pop();
    const at = state.rows.findIndex((row) => row.pair_id === last.id);
    if (at < 0) {
      await load(0, 0);
    } else {
      state.rows[at].label = last.before;
      state.at = at;
      draw();
    }
  }, "Not undone: ");
}

function acceptPage() {
  return guarded(async () => {
    const open = state.rows.filter((row) => !row.label && row.suggested);
    if (!open.length) return;
    await save(Object.fromEntries(open.map((row) => [row.pair_id, row.suggested])), null);
    undoable().push(...open.map((row) => ({ id: row.pair_id, before: "" })));
    await load(state.offset, 0);
  }, "Not saved: ");
}

function turnPage(by) {
  return guarded(async () => {
    const offset = state.offset + by * PAGE;
    if (offset >= 0 && offset < state.total) await load(offset, 0);
  });
}

function toggle() {
  state.grid = !state.grid;
  draw();
}

function openTab(tab) {
  return guarded(async () => {
    const { kind, labels, title, file } = tab.dataset;
    state.kind = { name: kind, labels: labels.split(" ") };
    for (const other of $("tabs").children) other.removeAttribute("aria-current");
    tab.setAttribute("aria-current", "page");
    document.title = `${title} review`;
    $("file").textContent = $("apply").textContent = file;
    for (const name of ["source", "reason", "label"]) $("filters").elements[name].value = "";
    drawKeys();
    await load(0, 0);
  });
}

function nextTab() {
  const tabs = [...$("tabs").children];
  return openTab(tabs[(tabs.findIndex((tab) => tab.dataset.kind === state.kind.name) + 1) % tabs.length]);
}

function preview() {
  const row = state.rows[state.at];
  if (!row || state.grid || state.kind.name !== "annotated") return;
  const how = { "": "mask", mask: "crop", crop: "" }[state.edit];
  const pair = encodeURIComponent(row.pair_id);
  $("picture").src = how ? `/edited/${pair}?how=${how}` : address("picture", row.pair_id, row.image_digest);
  showEdit(how);
}

function zoom() {
  $("zoom").setAttribute("aria-pressed", String($("zoom").getAttribute("aria-pressed") !== "true"));
}

function everywhere(key) {
  const does = { g: toggle, u: undo, t: nextTab, "?": () => $("keys").showModal() }[key];
  if (does) does();
  return Boolean(does);
}

function inGrid(key) {
  const does = { ArrowRight: () => turnPage(1), ArrowLeft: () => turnPage(-1), a: acceptPage }[key];
  if (does) does();
  return Boolean(does);
}

function onPicture(key, target) {
  const { labels } = state.kind;
  const place = labels.findIndex((_, number) => keyOf(labels, number) === key);
  const row = state.rows[state.at];
  const does = {
    ArrowRight: () => guarded(() => step(1)), ArrowLeft: () => guarded(() => step(-1)),
    m: preview, z: zoom, n: () => $("note").focus(),
  }[key];
  if (place >= 0) decide(labels[place]);
  else if (key === " " && target.tagName !== "BUTTON" && row) decide(row.suggested);
  else if (does) does();
  else return false;
  return true;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || $("keys").open) return;
  if (/^(SELECT|TEXTAREA|INPUT)$/.test(event.target.tagName)) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const done = everywhere(event.key)
    || (state.grid ? inGrid(event.key) : onPicture(event.key, event.target));
  if (done) event.preventDefault();
});
// After a click of the mouse the space bar accepts again; the keyboard keeps its focus.
document.addEventListener("click", (event) => {
  if (event.detail) event.target.closest("button")?.blur();
});
$("choices").addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button) decide(button.dataset.label);
});
$("picture").addEventListener("error", () => {
  if (state.edit) tell(`“${state.edit}” is not possible here: the marks cannot be taken out that way`);
});
$("undo").addEventListener("click", undo);
$("back").addEventListener("click", () => guarded(() => step(-1)));
$("next").addEventListener("click", () => guarded(() => step(1)));
$("without").addEventListener("click", preview);
$("zoom").addEventListener("click", zoom);
$("view").addEventListener("click", toggle);
$("help").addEventListener("click", () => $("keys").showModal());
$("tabs").addEventListener("click", (event) => {
  const tab = event.target.closest("button");
  if (tab) openTab(tab);
});
$("accept-page").addEventListener("click", acceptPage);
$("page-back").addEventListener("click", () => turnPage(-1));
$("page-next").addEventListener("click", () => turnPage(1));
$("filters").addEventListener("change", () => guarded(() => load(0, 0)));
$("filters").addEventListener("submit", (event) => event.preventDefault());
openTab($("tabs").firstElementChild);
