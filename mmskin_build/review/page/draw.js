"use strict";
// What the page shows; everything a book or a person wrote goes in as text, never as markup.
const $ = (id) => document.getElementById(id);

function element(name, text = "", attributes = {}) {
  const made = document.createElement(name);
  if (text) made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function address(what, pair, digest) {
  return `/${what}/${encodeURIComponent(pair)}?d=${encodeURIComponent((digest || "").slice(0, 16))}`;
}

function keyOf(labels, place) {
  return place === labels.length - 1 ? "x" : String(place + 1);
}

function percent(score) {
  return score === "" ? "" : `${Math.round(100 * Number(score))} %`;
}

function draw() {
  $("single").hidden = state.grid;
  $("grid").hidden = !state.grid;
  $("view").setAttribute("aria-pressed", String(state.grid));
  if (state.grid) drawGrid(); else drawSingle();
}

function drawSingle() {
  const row = state.rows[state.at];
  for (const id of ["zoom", "choices", "note", "without", "facts"]) $(id).hidden = !row;
  $("alike").hidden = true;
  $("reason").textContent = row ? row.reason_for_review : "";
  showEdit("");
  if (!row) {
    $("position").textContent = state.progress.total && state.progress.done === state.progress.total
      ? "All decided. Well done." : "Nothing to show with these filters.";
    $("caption").textContent = "";
    return;
  }
  $("picture").src = address("picture", row.pair_id, row.image_digest);
  $("picture").alt = row.caption_start || "picture without a caption";
  $("zoom").setAttribute("aria-pressed", "false");
  $("caption").textContent = row.caption_start;
  $("position").textContent = `${state.offset + state.at + 1} of ${state.total}`;
  $("note").value = row.note;
  $("without").hidden = state.kind.name !== "annotated";
  drawChoices(row);
  drawFacts(row);
  drawDetails(row);
  const following = state.rows[state.at + 1];
  if (following) new Image().src = address("picture", following.pair_id, following.image_digest);
}

function drawChoices(row) {
  const { labels, name } = state.kind;
  const focused = [...$("choices").children].indexOf(document.activeElement);
  $("choices").replaceChildren(...labels.map((label, place) => {
    const button = element("button", "", { type: "button", "aria-pressed": String(label === row.label) });
    button.dataset.label = label;
    const share = label === row.suggested ? row.score : label === row.second ? row.second_score : "";
    const graded = name === "modality" && share !== "";
    if (graded) button.style.setProperty("--share", share);
    if (label === row.suggested) button.dataset.suggested = "1";
    if (place === labels.length - 1) button.className = "out";
    const said = [label === row.suggested ? "suggested" : "", graded ? percent(share) : ""];
    button.append(element("kbd", keyOf(labels, place), { class: "key" }), element("span", label),
      element("span", said.filter(Boolean).join(" "), { class: "said" }));
    return button;
  }));
  // Who works through the buttons by keyboard goes on where they were.
  if (focused >= 0) $("choices").children[Math.min(focused, labels.length - 1)].focus();
}

function drawFacts(row) {
  const facts = { found: state.kind.name === "modality" ? "" : row.votes, votes: state.kind.name === "modality" ? row.votes : "",
    source: `${row.source}, p. ${row.page}${row.figure ? `, ${row.figure}` : ""}`,
    decided: row.label ? `${row.label}${row.reviewer ? ` by ${row.reviewer}` : ""}` : "", id: row.pair_id };
  $("facts").replaceChildren(...Object.entries(facts).filter(([, value]) => value)
    .flatMap(([name, value]) => [element("dt", name), element("dd", value)]));
}

// The whole caption and the neighbours come a moment later; a slow answer to an old picture is dropped.
async function drawDetails(row) {
  let found;
  try {
    found = await ask(`/api/details/${encodeURIComponent(row.pair_id)}`);
  } catch {
    return;
  }
  if (state.rows[state.at] !== row || state.grid) return;
  if (found.caption && found.caption !== row.caption_start) $("caption").textContent = found.caption;
  $("alike").hidden = !found.neighbours.length;
  $("neighbours").replaceChildren(...found.neighbours.map((other) => {
    const item = element("li", "", { title: other.caption });
    const person = other.decided_by === "reviewer";
    const label = element("p", person ? `✓ ${other.label}` : other.label);
    if (person) label.className = "by-person";
    item.append(element("img", "", { src: address("thumbnail", other.pair_id, other.image_digest), alt: other.caption }), label);
    return item;
  }));
}

function drawGrid() {
  const first = state.total ? state.offset + 1 : 0;
  $("page-position").textContent = `${first}–${state.offset + state.rows.length} of ${state.total}`;
  $("cards").replaceChildren(...state.rows.map((row, number) => {
    const button = element("button", "", { type: "button",
      "aria-label": `${row.label ? `decided ${row.label}` : `suggested ${row.suggested}`}: ${row.caption_start}` });
    button.dataset.done = row.label ? "1" : "";
    const image = element("img", "", { loading: "lazy", alt: "", src: address("thumbnail", row.pair_id, row.image_digest) });
    const text = element("p");
    text.append(element("span", row.label ? `✓ ${row.label}` : row.suggested), element("span", percent(row.score), { class: "quiet" }));
    button.append(image, text);
    button.addEventListener("click", () => { state.grid = false; state.at = number; draw(); });
    const card = element("li");
    card.append(button);
    return card;
  }));
}

function drawProgress(facets) {
  state.progress = { done: facets.done, total: facets.total };
  $("progress").textContent = `${facets.done} of ${facets.total} decided`;
  $("bar").value = facets.total ? facets.done / facets.total : 0;
  for (const tab of $("tabs").children) {
    const [done, total] = facets.tabs[tab.dataset.kind] || [0, 0];
    tab.querySelector(".count").textContent = total - done ? String(total - done) : "✓";
    tab.querySelector(".count").title = `${total - done} undecided`;
  }
  for (const [name, list] of [["source", facets.sources], ["reason", facets.reasons], ["label", facets.labels]]) {
    const select = $("filters").elements[name];
    const chosen = select.value;
    select.replaceChildren(new Option("all", ""), ...list.filter(([value]) => value)
      .map(([value, number]) => new Option(`${value} (${number})`, value)));
    select.value = chosen;
    if (select.selectedIndex < 0) select.value = "";
  }
}

function showEdit(how) {
  state.edit = how;
  $("edit").hidden = !how;
  $("edit").textContent = how ? `as it would be after “${how}”` : "";
}

function drawKeys() {
  const { labels } = state.kind;
  const keys = [...labels.map((label, place) => [keyOf(labels, place), label]), ["space", "accept the suggestion"],
    ["u", "undo, step by step"], ["← →", "previous, next"], ["g", "grid, or one by one"], ["a", "accept the page (grid)"],
    ["n", "write a note (Esc leaves it)"], ["z", "full size"], ["t", "next tab"]];
  if (state.kind.name === "annotated") keys.push(["m", "preview mask, then crop"]);
  $("key-list").replaceChildren(...keys.flatMap(([key, what]) => {
    const term = element("dt");
    term.append(element("kbd", key));
    return [term, element("dd", what)];
  }));
}
