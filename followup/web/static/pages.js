// What the pages do beyond forms and links. Everything works without it.

// Live: whether the parts that refresh themselves reach us ------------------------------------------------

const live = document.getElementById("live");

function showLive(state, word) {
  if (!live || live.dataset.state === state) return;
  live.hidden = false;
  live.dataset.state = state;
  live.querySelector(".live-word").textContent = word;
}

function clock() {
  return new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hour12: false });
}

const polls = (event) => event.detail?.ctx?.sourceElement?.hasAttribute?.("data-poll");

document.addEventListener("htmx:after:request", (event) => {
  if (!polls(event)) return;
  const status = event.detail.ctx.response?.status ?? 0;
  if (status >= 200 && status < 300) showLive("on", "Live");
  else showLive("lost", `Not live since ${clock()}`);
});
document.addEventListener("htmx:error", (event) => polls(event) && showLive("lost", `Not live since ${clock()}`));
addEventListener("offline", () => showLive("lost", `Offline since ${clock()}`));

// What comes in behind the closing dialog was not read: the log, which says what was seen, waits until it is shut ---

const closing = document.getElementById("closing");

for (const name of ["htmx:before:request", "htmx:before:response"]) {
  document.addEventListener(name, (event) => {
    const isLog = event.detail?.ctx?.sourceElement?.id === "log";
    if (isLog && closing?.matches(":popover-open")) event.preventDefault();
  });
}

// Title: how many urgent replies nobody has, also seen from another tab -----------------------------------

document.addEventListener("htmx:after:swap", () => {
  const badge = document.querySelector("#badge .badge");
  const plain = document.title.replace(/^\(\d+ urgent\) /, "");
  document.title = badge ? `(${parseInt(badge.textContent, 10)} urgent) ${plain}` : plain;
});

// SMS counter: the rules are the server's, the alphabet stands on the field --------------------------------

function countSegments(text, basic, extended) {
  const letters = [...text];
  const isGsm = letters.every((letter) => letter === "\n" || basic.includes(letter) || extended.includes(letter));
  const widths = letters.map((letter) => (isGsm ? (extended.includes(letter) ? 2 : 1) : letter.length));
  const [alone, joined] = isGsm ? [160, 153] : [70, 67];
  const units = widths.reduce((sum, width) => sum + width, 0);
  if (units <= alone) return { segments: 1, left: alone - units, isGsm };
  let segments = 1;
  let used = 0;
  for (const width of widths) {
    if (used + width > joined) {
      segments += 1;
      used = 0;
    }
    used += width;
  }
  return { segments, left: joined - used, isGsm };
}

for (const field of document.querySelectorAll("textarea[data-count]")) {
  const count = document.getElementById(field.dataset.count);
  const atFirst = count.textContent;
  const show = () => {
    const { segments, left, isGsm } = countSegments(field.value.trim(), field.dataset.gsm, field.dataset.gsmExtended);
    const why = isGsm ? "" : ", special characters make it shorter";
    count.textContent = field.value ? `${segments} SMS, ${left} characters left${why}` : atFirst;
    count.classList.toggle("is-long", segments > 3);
  };
  field.addEventListener("input", show);
  show();
}

// Drafts: words stay in this tab until the cookie `saved` holds the key (`once`) of the form they were typed into -----

function draftsOfThisTab() {
  try {
    return window.sessionStorage;
  } catch {
    return null; // Switched off: fields work as ever.
  }
}

const drafts = draftsOfThisTab();
const DRAFT = "draft ";
const draftKey = (field) => `${DRAFT}${field.dataset.draft} ${new URL(field.form.action).pathname}`;
const draftKeys = () => Object.keys(drafts ?? {}).filter((key) => key.startsWith(DRAFT));

function keepDraft(field) {
  const draft = { text: field.value, once: field.form.elements.once.value };
  try {
    if (field.value) drafts?.setItem(draftKey(field), JSON.stringify(draft));
    else drafts?.removeItem(draftKey(field));
  } catch {
    // Full: what was kept before stays.
  }
}

function forgetSaved() {
  const saved = document.cookie.match(/(?:^|; )saved=([^;]*)/)?.[1];
  for (const key of draftKeys()) {
    if (JSON.parse(drafts.getItem(key)).once === saved) drafts.removeItem(key);
  }
  for (const field of document.querySelectorAll("textarea[data-draft]")) {
    if (field.form.elements.once.value === saved) field.value = "";
  }
}

// With its words a form gets its key back: if they arrived after all, they do not arrive a second time.
function showDraft(field) {
  const draft = JSON.parse(drafts?.getItem(draftKey(field)) ?? "null");
  if (!field.value && draft) {
    field.form.elements.once.value = draft.once;
    field.value = draft.text;
    const toNote = document.getElementById("mode-note");
    if (toNote && field.id === "note" && !document.getElementById("sms").value) toNote.checked = true;
  }
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

for (const field of document.querySelectorAll("textarea[data-draft]")) {
  field.autocomplete = "off"; // Else the browser's Back brings words again that were saved, under a new key.
}
document.addEventListener("input", (event) => event.target.matches?.("textarea[data-draft]") && keepDraft(event.target));
addEventListener("pageshow", () => {
  forgetSaved();
  document.querySelectorAll("textarea[data-draft]").forEach(showDraft);
  const kept = document.getElementById("kept");
  if (kept) kept.hidden = draftKeys().length === 0;
});
document.addEventListener("submit", (event) => {
  const isEnd = event.target.getAttribute("action") === "/sign-out";
  if (isEnd) draftKeys().forEach((key) => drafts.removeItem(key)); // The next person at this machine sees none of it.
});

// A form is sent once; the browser's Back brings it to life again ------------------------------------------

document.addEventListener("submit", (event) => {
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = "yes";
});
addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

document.addEventListener("keydown", (event) => {
  const isSend = event.key === "Enter" && (event.ctrlKey || event.metaKey);
  if (isSend && event.target.matches("textarea")) event.target.form?.requestSubmit();
});
