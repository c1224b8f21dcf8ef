// Keeps page and engine for use without a network; the page itself keeps the dealer's slice. The network always comes first, so nothing gets stale;
// orders are never kept.
const CACHE = "qudao-page-4";
const FILES = ["./", "app.js", "style.css", "icon.svg", "manifest.webmanifest", "qudao/engine.wasm", "qudao/browser.js", "qudao/common.js", "qudao/glue.js"];

addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FILES)).then(() => skipWaiting()));
});

addEventListener("activate", (event) => {
  event.waitUntil(caches.keys()
    .then((names) => Promise.all(names.filter((name) => name.startsWith("qudao-page-") && name !== CACHE).map((name) => caches.delete(name))))
    .then(() => clients.claim()));
});

addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method === "GET" && url.origin === location.origin && !url.pathname.startsWith("/api/")) event.respondWith(networkFirst(request));
});

async function networkFirst(request) {
  const cache = await caches.open(CACHE);
  try {
    const response = await fetch(request);
    if (response.ok) await cache.put(request, response.clone());
    return response;
  } catch (fault) {
    const kept = await cache.match(request, { ignoreSearch: true });
    if (kept) return kept;
    throw fault;
  }
}
