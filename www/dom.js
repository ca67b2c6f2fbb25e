// The few things that every part of the page does with its elements.

export const byId = (id) => document.getElementById(id);

/** A new element. Properties that it does not have become attributes. */
export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key in made) made[key] = value;
    else made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

export const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;

export const reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");

/** Tells screen readers, which see no timeline grow. */
export const say = (text) => (byId("live").textContent = text);

/** Makes `button` copy what `text` returns, and say so on itself. */
export function copies(button, text) {
  const label = button.textContent;
  let timer;
  button.addEventListener("click", async () => {
    // Else the same words a second time would not be told.
    say("");
    let done = "Copied";
    try {
      await navigator.clipboard.writeText(text());
    } catch {
      // Over http: there is no clipboard.
      done = "Cannot copy";
    }
    button.textContent = done;
    say(done);
    clearTimeout(timer);
    timer = setTimeout(() => (button.textContent = label), 2_000);
  });
}

/** Shows a message at a field, or none. */
export function complain(field, message = "") {
  byId(`${field.id}-error`).textContent = message;
  if (message) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
}

/** The tabs pattern of ARIA: one tab in the focus order, arrows to the others. */
export function tabs(list, chosen = () => {}) {
  const all = [...list.querySelectorAll("[role=tab]")];
  const choose = (tab) => {
    for (const one of all) {
      one.setAttribute("aria-selected", String(one === tab));
      one.tabIndex = one === tab ? 0 : -1;
      const panel = byId(one.getAttribute("aria-controls"));
      // Tabs may share a panel, which then bears the name of the chosen one.
      panel.hidden = panel.id !== tab.getAttribute("aria-controls");
    }
    byId(tab.getAttribute("aria-controls")).setAttribute("aria-labelledby", tab.id);
    chosen(tab);
  };
  list.addEventListener("click", ({ target }) => all.includes(target) && choose(target));
  list.addEventListener("keydown", (event) => {
    const at = all.indexOf(document.activeElement);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (to === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const tab = all[(to + all.length) % all.length];
    tab.focus();
    choose(tab);
  });
}
