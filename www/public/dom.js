// Elements without markup strings: nothing here can inject script, so the strict CSP stays whole.

/** An element. `props`: attributes; `on…` functions listen; `true` sets an empty attribute; `false` and `null` leave it out. */
export function h(tag, props, ...children) {
  return fill(document.createElement(tag), props, children);
}

/** The same for SVG. */
export function svg(tag, props, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), props, children);
}

function fill(node, props, children) {
  for (const [key, value] of Object.entries(props ?? {})) {
    if (value === false || value == null) continue;
    if (typeof value === "function") node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...there(children));
  return node;
}

/** Puts these in the place of what a node holds. */
export function put(node, ...children) {
  node.replaceChildren(...there(children));
}

const there = (children) => children.flat(Infinity).filter((child) => child != null && child !== false);

/** Writes the text of an element that holds nothing else, only where it differs: untouched nodes cost nothing. */
export function write(node, text) {
  const { firstChild } = node;
  if (!firstChild) node.textContent = text;
  else if (firstChild.data !== text) firstChild.data = text;
}

/** Says a sentence to assistive technology; of many within a moment only the last is read. */
export function announce(text) {
  clearTimeout(announce.timer);
  announce.timer = setTimeout(() => document.getElementById("live")?.replaceChildren(text), 700);
}
