"use strict";
const PAGE = 60;
const LABELS = ["clinical", "dermoscopy", "pathology", "other"];
const $ = (id) => document.getElementById(id);
const token = document.querySelector("meta[name=review-token]").content;
const state = { rows: [], offset: 0, total: 0, at: 0, grid: false, done: [], busy: false };

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
  wanted.set("offset", offset);
  wanted.set("limit", PAGE);
  const page = await ask(`/api/queue?${wanted}`);
  if (!page.rows.length && page.total && offset) return load(0, 0);
  Object.assign(state, { rows: page.rows, offset, total: page.total });
  state.at = Math.max(0, Math.min(at, page.rows.length - 1));
  await count();
  draw();
}

async function count() {
  const facets = await ask("/api/facets");
  $("progress").textContent = `${facets.done} of ${facets.total} labelled`;
  $("bar").value = facets.total ? facets.done / facets.total : 0;
  for (const [name, list] of [["source", facets.sources], ["reason", facets.reasons], ["label", facets.labels]]) {
    const select = $("filters").elements[name];
    const chosen = select.value;
    select.replaceChildren(new Option("all", ""));
    for (const [value, number] of list) {
      if (value) select.add(new Option(`${value} (${number})`, value));
    }
    select.value = chosen;
    if (select.selectedIndex < 0) select.value = "";
  }
}

function draw() {
  $("single").hidden = state.grid;
  $("grid").hidden = !state.grid;
  $("view").textContent = state.grid ? "One by one (g)" : "Grid (g)";
  if (state.grid) drawGrid(); else drawSingle();
}

function drawSingle() {
  const row = state.rows[state.at];
  $("picture").hidden = !row;
  $("facts").replaceChildren();
  if (!row) {
    $("position").textContent = "nothing to show with these filters";
    $("caption").textContent = "";
    return;
  }
  const source = `/picture/${encodeURIComponent(row.pair_id)}`;
  $("picture").src = source;
  $("picture").alt = row.caption_start || "picture without a caption";
  $("caption").textContent = row.caption_start;
  $("position").textContent = `${state.offset + state.at + 1} of ${state.total}`;
  $("note").value = row.note;
  const facts = {
    suggested: `${row.suggested} ${row.score}`, second: `${row.second} ${row.second_score}`,
    votes: row.votes, reason: row.reason_for_review,
    source: `${row.source}, p. ${row.page} ${row.figure}`, label: row.label || "undecided",
    id: row.pair_id,
  };
  for (const [name, value] of Object.entries(facts)) {
    const term = document.createElement("dt");
    const text = document.createElement("dd");
    term.textContent = name;
    text.textContent = value;
    $("facts").append(term, text);
  }
  for (const button of $("choices").children) {
    button.setAttribute("aria-pressed", String(button.dataset.label === row.label));
  }
  const following = state.rows[state.at + 1];
  if (following) new Image().src = `/picture/${encodeURIComponent(following.pair_id)}`;
}

function drawGrid() {
  const first = state.total ? state.offset + 1 : 0;
  $("page-position").textContent = `${first}–${state.offset + state.rows.length} of ${state.total}`;
  $("cards").replaceChildren(...state.rows.map((row, number) => {
    const card = document.createElement("li");
    card.dataset.done = row.label ? "1" : "";
    const button = document.createElement("button");
    button.type = "button";
    const image = document.createElement("img");
    image.loading = "lazy";
    image.src = `/thumbnail/${encodeURIComponent(row.pair_id)}`;
    image.alt = row.caption_start || row.pair_id;
    const text = document.createElement("p");
    text.textContent = row.label ? `✓ ${row.label}` : `${row.suggested} ${row.score}`;
    button.append(image, text);
    button.addEventListener("click", () => { state.grid = false; state.at = number; draw(); });
    card.append(button);
    return card;
  }));
}

async function save(labels, note) {
  await ask("/api/decide", {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Review-Token": token },
    body: JSON.stringify({ labels, note }),
  });
}

// Only one thing at a time: the next picture shows when the decision is on disk.
async function guarded(work) {
  if (state.busy) return;
  state.busy = true;
  try {
    tell("");
    await work();
  } catch (fault) {
    tell(`Not saved: ${fault.message}`);
  } finally {
    state.busy = false;
  }
}

function decide(label) {
  return guarded(async () => {
    const row = state.rows[state.at];
    if (!row) return;
    await save({ [row.pair_id]: label }, $("note").value);
    state.done.push({ id: row.pair_id, before: row.label });
    row.label = label;
    row.note = $("note").value;
    await count();
    await step(1);
  });
}

async function step(by) {
  const at = state.at + by;
  if (at >= state.rows.length) {
    const open = filters().get("state") === "open";
    await load(open ? state.offset : state.offset + (state.offset + PAGE < state.total ? PAGE : 0), 0);
  } else if (at < 0) {
    if (state.offset) await load(Math.max(0, state.offset - PAGE), PAGE - 1);
  } else {
    state.at = at;
    draw();
  }
}

function undo() {
  return guarded(async () => {
    const last = state.done.at(-1);
    if (!last) return;
    await save({ [last.id]: last.before }, null);
    state.done.pop();
    const at = state.rows.findIndex((row) => row.pair_id === last.id);
    if (at < 0) {
      await load(0, 0);
    } else {
      state.rows[at].label = last.before;
      state.at = at;
      await count();
      draw();
    }
  });
}

function acceptPage() {
  return guarded(async () => {
    const open = state.rows.filter((row) => !row.label && row.suggested);
    const labels = Object.fromEntries(open.map((row) => [row.pair_id, row.suggested]));
    if (!open.length) return;
    await save(labels, null);
    state.done.push(...open.map((row) => ({ id: row.pair_id, before: "" })));
    await load(state.offset, 0);
  });
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

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (/^(SELECT|TEXTAREA|INPUT)$/.test(event.target.tagName)) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const row = state.rows[state.at];
  if (event.key === "g") { event.preventDefault(); return toggle(); }
  if (event.key === "u") { event.preventDefault(); return undo(); }
  if (state.grid) {
    if (event.key === "ArrowRight") return turnPage(1);
    if (event.key === "ArrowLeft") return turnPage(-1);
    return;
  }
  if (/^[1-4]$/.test(event.key)) return decide(LABELS[event.key - 1]);
  if (event.key === "x") return decide("exclude");
  if (event.key === " " && event.target.tagName !== "BUTTON" && row) {
    event.preventDefault();
    return decide(row.suggested);
  }
  if (event.key === "ArrowRight") return guarded(() => step(1));
  if (event.key === "ArrowLeft") return guarded(() => step(-1));
});
$("choices").addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button) { decide(button.dataset.label); button.blur(); }
});
$("accept").addEventListener("click", () => { const row = state.rows[state.at]; if (row) decide(row.suggested); $("accept").blur(); });
$("undo").addEventListener("click", undo);
$("back").addEventListener("click", () => guarded(() => step(-1)));
$("next").addEventListener("click", () => guarded(() => step(1)));
$("view").addEventListener("click", toggle);
$("accept-page").addEventListener("click", acceptPage);
$("page-back").addEventListener("click", () => turnPage(-1));
$("page-next").addEventListener("click", () => turnPage(1));
$("filters").addEventListener("change", () => guarded(() => load(0, 0)));
$("filters").addEventListener("submit", (event) => event.preventDefault());
guarded(() => load(0, 0));
