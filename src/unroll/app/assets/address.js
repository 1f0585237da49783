// What the page's address keeps, so that a link, a reload and the browser's Back show the same.
//
//   remembered(name)        what is kept under a name, or null
//   remember(name, value)   keep it in this entry of the history; null drops it
//   step(name, value)       keep it in an entry of its own: Back leads to the one before
//   carry()                 links of the menu take along what the page they lead to chooses, too
//
// And what the tab keeps beside it, for pages whose address names nothing:
//
//   inTab(name)             what is kept under a name, or null
//   keepInTab(name, value)  keep it as long as the tab is open

const CARRIED = "run";
const CARRYING = ["/write", "/inside"];

export const remembered = (name) => new URLSearchParams(location.search).get(name);

export function remember(name, value) {
  history.replaceState(null, "", changed(name, value));
  carry();
}

export function step(name, value) {
  history.pushState(null, "", changed(name, value));
  carry();
}

export function inTab(name) {
  try {
    return sessionStorage.getItem(name);
  } catch {
    return null; // a browser that keeps nothing
  }
}

export function keepInTab(name, value) {
  try {
    sessionStorage.setItem(name, value);
  } catch {
    // The next page begins with the default.
  }
}

export function carry() {
  const value = remembered(CARRIED);
  const words = value === null ? "" : `?${new URLSearchParams({ [CARRIED]: value })}`;
  for (const link of document.querySelectorAll("nav a")) {
    if (CARRYING.includes(link.pathname)) link.setAttribute("href", link.pathname + words);
  }
}

function changed(name, value) {
  const address = new URL(location.href);
  if (value === null || value === undefined) address.searchParams.delete(name);
  else address.searchParams.set(name, value);
  return address;
}
