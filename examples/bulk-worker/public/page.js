// Shows the batch that the Worker holds, and what can be done with it. The page itself holds nothing but the token: closing it
// stops nothing.

const INTERVAL = 1_000;

const $ = (id) => document.getElementById(id);
const count = (number, one = "person", many = "people") => `${number.toLocaleString("en")} ${number === 1 ? one : many}`;

/** What the Worker said last. */
let state;
let timer;

/** Asks the Worker. Its refusals and a lost connection become errors with a text for people. */
async function ask(path, init = {}) {
  const headers = { Authorization: `Bearer ${sessionStorage.getItem("token")}` };
  let response;
  try {
    response = await fetch(`/api/${path}`, { ...init, headers });
  } catch {
    throw new Error("The Worker cannot be reached.");
  }
  if (response.ok) return response;
  if (response.status === 401) {
    sessionStorage.removeItem("token");
    throw new Error("This is not the access token of the Worker.");
  }
  const { error } = await response.json().catch(() => ({}));
  throw new Error(error ?? `The Worker answered ${response.status}. Its log says why.`);
}

/** Does something, then shows what the Worker says of it. Returns whether it did. */
async function act(path, init) {
  let isDone = false;
  try {
    show(await (await ask(path, init)).json());
    isDone = true;
  } catch (error) {
    say(error.message);
    if (!sessionStorage.getItem("token")) showOnly("sign-in");
  }
  // Only one may be under way.
  clearTimeout(timer);
  if (sessionStorage.getItem("token") && (!state || isUnderWay())) timer = setTimeout(act, INTERVAL, "state");
  return isDone;
}

const isUnderWay = () => state.state === "running" || state.state === "stopping";

/** Says it once, even if it is true every second. */
function write(id, text) {
  if ($(id).textContent !== text) $(id).textContent = text;
}

const say = (text) => write("problem", text);

/** The parts of the page, and what gets the focus if it was in a part that is hidden. */
const PARTS = { "sign-in": "token", batch: "name", upload: "file" };

function showOnly(...ids) {
  const hidden = Object.keys(PARTS).filter((id) => !ids.includes(id));
  const isLost = hidden.some((id) => $(id).contains(document.activeElement));
  for (const id of Object.keys(PARTS)) $(id).hidden = !ids.includes(id);
  if (isLost) $(PARTS[ids[0]]).focus();
}

function show(next) {
  state = next;
  say("");
  const isEmpty = state.state === "empty";
  showOnly(...(isEmpty ? [] : ["batch"]), ...(isEmpty || !isUnderWay() ? ["upload"] : []));
  write("replaces", isEmpty ? "" : `It replaces the results of ${state.name}: download them first.`);
  if (isEmpty) return;

  const { name, found, missing, failed, unknown, left, again, credits, timeLeft, requests } = state;
  const done = found + missing + failed + unknown;
  write("name", name);
  write("status", STATUS[state.state](state));
  $("progress").max = done + left;
  $("progress").value = done;
  write("done", `${done.toLocaleString("en")} of ${count(done + left)}`);
  for (const [id, number] of Object.entries({ found, missing, failed, unknown, credits })) write(id, number.toLocaleString("en"));
  write("time-left", timeLeft === null ? "–" : duration(timeLeft));
  const [minute, hour] = requests.map(({ used, limit }) => `${used.toLocaleString("en")} of ${limit.toLocaleString("en")}`);
  write("requests", `Requests: ${minute} in the last minute, ${hour} in the last hour.`);

  const doneLabel = again > 0 ? `Look up ${again.toLocaleString("en")} failed again` : "";
  const label = { running: "Stop", stopping: "Stopping…", stopped: "Go on", done: doneLabel };
  write("toggle", label[state.state]);
  $("toggle").ariaDisabled = String(state.state === "stopping");
  hide("toggle", label[state.state] === "");
  hide("interrupted", unknown === 0);
  write("interrupted-heading", `It is unknown whether ${count(unknown, "person was", "people were")} submitted`);
  write("resubmit", `${left > 0 ? "Go on, and submit" : "Submit"} ${count(unknown)} again`);
  hide("resubmit", isUnderWay());
}

const STATUS = {
  running: () => "Running. You can close this page.",
  stopping: ({ reason }) => `Stopping: nobody is submitted any more, and jobs that run are waited for, up to 90 s. ${reason ?? ""}`,
  stopped: ({ reason }) => `Stopped. ${reason ?? ""}`,
  done: () => "Done.",
};

/** What has the focus does not vanish under it. */
function hide(id, isHidden) {
  if (isHidden && $(id).contains(document.activeElement)) $("name").focus();
  $(id).hidden = isHidden;
}

function duration(ms) {
  const minutes = Math.ceil(ms / 60_000);
  if (minutes <= 1) return "1 min";
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

$("sign-in").addEventListener("submit", (event) => {
  event.preventDefault();
  sessionStorage.setItem("token", $("token").value);
  $("token").value = "";
  act("state");
});

$("upload").addEventListener("submit", async (event) => {
  event.preventDefault();
  const [file] = $("file").files;
  if (state.state !== "empty" && !confirm(`Delete the results of ${state.name}, and look up everybody in ${file.name}?`)) return;
  if (await act(`upload?name=${encodeURIComponent(file.name)}`, { method: "POST", body: file })) $("upload").reset();
});

$("toggle").addEventListener("click", () => {
  if (state.state === "running") act("stop", { method: "POST" });
  else if (state.state !== "stopping") act("go-on", { method: "POST" });
});

$("resubmit").addEventListener("click", () => {
  if (confirm(`${count(state.unknown)} may be charged twice. Submit them again?`)) act("go-on?resubmit=unknown", { method: "POST" });
});

$("download").addEventListener("click", async () => {
  try {
    const url = URL.createObjectURL(await (await ask("results.csv")).blob());
    Object.assign(document.createElement("a"), { href: url, download: `${state.name.replace(/\.\w+$/, "")}-numbers.csv` }).click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  } catch (error) {
    say(error.message);
  }
});

// Another tab, or the Worker itself, may have gone on meanwhile.
addEventListener("focus", () => sessionStorage.getItem("token") && act("state"));

if (sessionStorage.getItem("token")) act("state");
else showOnly("sign-in");
