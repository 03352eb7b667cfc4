"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const NAMES = ["section", "level", "outcome", "actor", "operation"];
  const PAGE = 100;
  const entries = all("[data-entry]");
  const groups = all("[data-part]");
  const form = $("filters");
  const drawer = $("drawer");
  let current = null;
  let shown = PAGE;

  document.documentElement.classList.add("js");

  /* The exchanges, read when they are first asked for. */
  let store = null;
  function exchanges() {
    if (store) return store;
    const { texts, rows } = JSON.parse($("island").textContent);
    const text = (number) => texts[number];
    const calls = rows.map(([id, actor, operation, method, path, outcome, milliseconds, test, ...rest]) => ({
      id, actor: text(actor), operation: text(operation), method: text(method), path: text(path),
      outcome: text(outcome), milliseconds, test: text(test), rest,
    }));
    store = { calls, text, byId: new Map(calls.map((call) => [call.id, call])) };
    return store;
  }

  const kindOf = (outcome) => ({ 2: "good", 4: "refused", 5: "broken", n: "broken" })[outcome[0]] || "other";

  function spelledOut(call) {
    const { text } = exchanges();
    const [request, response, requestBody, responseBody, curl] = call.rest;
    const lines = (numbers) => numbers.map(text).join("\n");
    return {
      ...call,
      request_head: `${call.method} ${call.path}\n${lines(request)}`,
      request_body: indented(text(requestBody)),
      response_head: lines(response),
      response_body: indented(text(responseBody)),
      curl: curl.map(text).join(" "),
    };
  }

  /* JSON in lines of its own, token by token as it was; other texts as they are. */
  function indented(text) {
    try { JSON.parse(text); } catch { return text; }
    const tokens = text.match(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g) || [];
    let out = "", depth = 0;
    const line = () => "\n" + "  ".repeat(depth);
    tokens.forEach((token, place) => {
      const next = tokens[place + 1], before = tokens[place - 1];
      if (token === "{" || token === "[") {
        depth += 1;
        out += token + (next === "}" || next === "]" ? "" : line());
      } else if (token === "}" || token === "]") {
        depth -= 1;
        out += (before === "{" || before === "[" ? "" : line()) + token;
      } else out += token === "," ? "," + line() : token === ":" ? ": " : token;
    });
    return out;
  }

  /* What the address says: #place?filters */
  function address() {
    const [place, query = ""] = location.hash.slice(1).split("?");
    return { place: decode(place), wanted: new URLSearchParams(query) };
  }

  function decode(text) {
    try { return decodeURIComponent(text); } catch { return text; }
  }

  function filters() {
    const wanted = new URLSearchParams();
    if ($("q").value.trim()) wanted.set("q", $("q").value.trim());
    NAMES.forEach((name) => $(`by-${name}`).value && wanted.set(name, $(`by-${name}`).value));
    return wanted;
  }

  function remember(place = address().place) {
    const query = filters().toString();
    const hash = encodeURIComponent(place) + (query ? `?${query}` : "");
    if (hash !== location.hash.slice(1)) history.replaceState(null, "", `#${hash}`);
  }

  /* Filters */
  const words = new WeakMap();
  function textOf(entry) {
    if (!words.has(entry)) words.set(entry, entry.textContent.toLowerCase());
    return words.get(entry);
  }

  function matches(entry, wanted) {
    const { section, level, outcome, actors, operations } = entry.dataset;
    const has = (list, name) => !wanted.get(name) || list.includes(`|${wanted.get(name)}|`);
    const is = (value, name) => !wanted.get(name) || value === wanted.get(name);
    return is(section, "section") && is(level, "level") && is(outcome, "outcome") &&
      has(actors, "actor") && has(operations, "operation") &&
      (wanted.get("q") || "").toLowerCase().split(/\s+/).every((word) => textOf(entry).includes(word));
  }

  function apply() {
    const wanted = filters();
    entries.forEach((entry) => { entry.hidden = !matches(entry, wanted); });
    groups.forEach((group) => { group.hidden = !all("[data-entry]", group).some((entry) => !entry.hidden); });
    const rows = entries.filter((entry) => entry.matches(".row"));
    $("found").value = `${rows.filter((row) => !row.hidden).length} of ${rows.length}`;
    shown = PAGE;
    if (listed) list();
  }

  /* The table of exchanges, filled when it comes near the view. */
  let listed = false;
  function list() {
    listed = true;
    const wanted = filters();
    const about = (wanted.get("q") || "").toLowerCase().split(/\s+/);
    const found = exchanges().calls.filter((call) =>
      (!wanted.get("actor") || call.actor === wanted.get("actor")) &&
      (!wanted.get("operation") || call.operation === wanted.get("operation")) &&
      about.every((word) => `${call.id} ${call.actor} ${call.method} ${call.path} ${call.outcome} ${call.test}`.toLowerCase().includes(word)));
    $("calls").replaceChildren(...found.slice(0, shown).map(line));
    $("more").hidden = found.length <= shown;
    $("calls-found").textContent = `${Math.min(shown, found.length).toLocaleString("en")} of ${found.length.toLocaleString("en")} shown`;
  }

  function line(call) {
    const row = document.createElement("tr");
    const link = document.createElement("a");
    link.href = `#${call.id}`;
    link.textContent = call.id;
    const status = document.createElement("span");
    status.className = `status ${kindOf(call.outcome)}`;
    status.textContent = call.outcome.slice(0, 40);
    for (const content of [link, call.actor, call.operation, `${call.method} ${call.path}`, status, String(call.milliseconds)]) {
      row.insertCell().append(content);
    }
    row.lastChild.className = "num";
    return row;
  }

  /* One exchange in front of the page */
  function openExchange(id) {
    const call = exchanges().byId.get(id);
    if (!call) return false;
    const standing = $(id);
    let body;
    if (standing && !call.rest.length) {
      body = standing.cloneNode(true);
      body.removeAttribute("id");
    } else body = filled(spelledOut(call));
    $("drawer-title").textContent = `Exchange ${id}`;
    $("drawer-body").replaceChildren(body);
    if (!drawer.open) drawer.showModal();
    return true;
  }

  function filled(call) {
    const body = $("exchange-template").content.cloneNode(true);
    all("[data-field]", body).forEach((field) => { field.textContent = call[field.dataset.field]; });
    const status = body.querySelector("[data-field=outcome]");
    status.className = `status ${kindOf(call.outcome)}`;
    body.querySelector("[data-copy]").dataset.copy = call.curl;
    body.querySelector("[data-part-of=curl]").hidden = !call.curl;
    return body;
  }

  /* Places */
  function go() {
    const { place, wanted } = address();
    if (wanted.size || !place) {
      $("q").value = wanted.get("q") || "";
      NAMES.forEach((name) => { $(`by-${name}`).value = wanted.get(name) || ""; });
    }
    apply();
    const target = place && $(place);
    if (openTarget(place, target)) return;
    if (drawer.open) drawer.close();
    if (target) reveal(target);
  }

  function openTarget(place, target) {
    return place && (!target || target.closest(".exchange")) && /x\d+$/.test(place) && openExchange(place);
  }

  function reveal(target) {
    const entry = target.closest("[data-entry]");
    if (entry && entry.hidden) { form.reset(); apply(); remember(target.id); }
    for (let node = target; node; node = node.parentElement) if (node.matches("details")) node.open = true;
    if (entry) choose(entry, false);
    const head = entry && entry.matches("details") ? entry : target;
    head.scrollIntoView({ block: "start", behavior: "instant" });
  }

  /* Moving by keys */
  const ready = () => entries.filter((entry) => !entry.hidden && entry.checkVisibility());
  const idOf = (entry) => entry.id || (entry.querySelector(".target[id]") || {}).id;

  function choose(entry, move = true) {
    if (current) current.classList.remove("current");
    current = entry;
    entry.classList.add("current");
    const handle = entry.matches("details") ? entry.querySelector("summary") : entry;
    handle.focus({ preventScroll: true });
    if (!move) return;
    entry.scrollIntoView({ block: entry.matches(".card") ? "start" : "nearest", behavior: "instant" });
    if (idOf(entry)) remember(idOf(entry));
  }

  function step(by) {
    const list = ready();
    if (!list.length) return;
    const at = list.indexOf(current);
    const next = at < 0 ? (by > 0 ? 0 : list.length - 1) : Math.min(list.length - 1, Math.max(0, at + by));
    choose(list[next]);
  }

  function toggle() {
    if (!current) return;
    const part = current.matches("details") ? current : current.querySelector("details.exchange, details");
    if (part) part.open = !part.open;
  }

  function onlyFailures() {
    const by = $("by-outcome");
    by.value = by.value === "failed" ? "" : "failed";
    changed();
  }

  const KEYS = {
    "/": () => { $("q").focus(); $("q").select(); },
    j: () => step(1),
    k: () => step(-1),
    o: toggle,
    c: () => { const button = current && current.querySelector(".copy"); if (button) button.click(); },
    f: onlyFailures,
    t: () => $("theme").click(),
    "?": () => $("help").showModal(),
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.matches("input, select, textarea")) {
      if (event.key === "Escape") {
        if (event.target === $("q") && $("q").value) { $("q").value = ""; changed(); }
        event.target.blur();
      }
      return;
    }
    if (document.querySelector("dialog[open]")) return;
    const act = KEYS[event.key];
    if (act) { event.preventDefault(); act(); }
  });

  /* Copying */
  let saying = 0;
  function say(text) {
    $("said").textContent = text;
    $("said").classList.add("shown");
    clearTimeout(saying);
    saying = setTimeout(() => { $("said").classList.remove("shown"); $("said").textContent = ""; }, 1800);
  }

  async function copy(text, beside) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      const area = document.createElement("textarea");
      area.value = text;
      beside.append(area);
      area.select();
      const done = document.execCommand("copy");
      area.remove();
      return done;
    }
  }

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (button) {
      const done = await copy(button.dataset.copy, button.parentElement);
      say(done ? "Copied" : "The browser does not let the page copy; select the text instead");
      button.focus({ preventScroll: true });
      return;
    }
    if (event.target.closest("[data-close]")) event.target.closest("dialog").close();
    if (event.target.matches("dialog")) event.target.close();
    const link = event.target.closest("a[href^='#']");
    if (link && !event.ctrlKey && !event.metaKey) follow(link, event);
  });

  /* Links keep the filters that are set, and the same link can be followed twice. */
  function follow(link, event) {
    const hash = decode(link.getAttribute("href").slice(1));
    event.preventDefault();
    const kept = filters().toString();
    const wanted = hash.includes("?") || !kept ? hash : `${hash}?${kept}`;
    if (location.hash.slice(1) !== wanted) history.pushState(null, "", `#${wanted}`);
    go();
  }

  drawer.addEventListener("close", () => { if (/x\d+$/.test(address().place)) remember((current && idOf(current)) || ""); });

  /* Themes */
  const THEMES = ["auto", "light", "dark"];
  function theme(name) {
    const root = document.documentElement;
    if (name === "auto") delete root.dataset.theme; else root.dataset.theme = name;
    $("theme-name").textContent = name;
    try { localStorage.setItem("chats-conformance-theme", name); } catch { /* not kept, then */ }
  }
  let chosen = "auto";
  try { chosen = localStorage.getItem("chats-conformance-theme") || "auto"; } catch { /* not kept */ }
  theme(THEMES.includes(chosen) ? chosen : "auto");
  $("theme").addEventListener("click", () => {
    const now = document.documentElement.dataset.theme || "auto";
    theme(THEMES[(THEMES.indexOf(now) + 1) % THEMES.length]);
  });

  /* Start */
  function changed() { remember(); apply(); }
  form.addEventListener("input", changed);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(changed));
  $("help-button").addEventListener("click", KEYS["?"]);
  $("more").addEventListener("click", () => { shown += 4 * PAGE; list(); });
  window.addEventListener("hashchange", go);
  window.addEventListener("popstate", go);
  new IntersectionObserver((seen, watch) => {
    if (seen.some((one) => one.isIntersecting)) { watch.disconnect(); list(); }
  }, { rootMargin: "600px" }).observe($("exchanges"));
  go();
})();
