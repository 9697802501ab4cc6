// Live events: one stream a page, on the topics that its elements name in `data-live`.
// A notice carries ids only. It becomes the event `luister:<name>` on <body>, which elements await with
// hx-trigger="luister:cases-changed from:body"; after a break `luister:resync` has them all fetch anew.

const NAMES = [
  "cases-changed", "case-changed", "presence-changed", "sending-changed", "channels-changed", "sources-changed",
  "mentions-changed", "monitor-changed", "notice",
];
const PATIENCE = 1000;
const MOST_PATIENCE = 10_000;
const LATENCY = 1000;

let stream = null;
let listening = "";
let isFirst = true;
let retry = 0;
let refusals = 0;
let mayStayHidden = false;

function topics() {
  const found = new Set();
  for (const element of document.querySelectorAll("[data-live]")) {
    for (const topic of element.dataset.live.split(" ").filter(Boolean)) found.add(topic);
  }
  return [...found].sort().join(",");
}

function tell(name, detail) {
  document.body.dispatchEvent(new CustomEvent(`luister:${name}`, { bubbles: true, detail }));
}

function stop() {
  stream?.close();
  stream = null;
  clearTimeout(retry);
}

function start() {
  stop();
  listening = topics();
  if (!listening) return;
  // What happened since this page was asked for is told first.
  const age = isFirst ? Math.ceil(performance.now()) + LATENCY : 0;
  stream = new EventSource(`/live?topics=${encodeURIComponent(listening)}&age=${age}`);
  stream.addEventListener("open", () => {
    document.documentElement.dataset.liveState = "on";
    refusals = 0;
    if (!isFirst) tell("resync", {});
    isFirst = false;
  });
  stream.addEventListener("resync", () => tell("resync", {}));
  for (const name of NAMES) {
    stream.addEventListener(name, (event) => tell(name, JSON.parse(event.data)));
  }
  stream.addEventListener("error", () => {
    document.documentElement.dataset.liveState = "off";
    // The browser tries again by itself, unless the server refused. Hundreds of screens do not come back at once.
    if (stream?.readyState === EventSource.CLOSED) {
      clearTimeout(retry);
      const pause = Math.min(PATIENCE * 2 ** refusals++, MOST_PATIENCE);
      retry = setTimeout(start, pause * (0.5 + Math.random()));
    }
  });
}

function check() {
  if (document.hidden && !mayStayHidden) return;
  if (topics() !== listening || !stream) start();
}

// A browser allows six connections to a host over HTTP/1.1, and every tab takes one. Hidden tabs let go, but for
// one, which keeps its title's counter right.
navigator.locks?.request("luister-hidden-stream", () => {
  mayStayHidden = true;
  return new Promise(() => {});
});

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) check();
  else if (!mayStayHidden) stop();
});
document.addEventListener("htmx:afterSettle", check);
window.addEventListener("pagehide", stop);
window.addEventListener("pageshow", (event) => {
  if (event.persisted) check();
});
check();

// What is drawn anew by itself says so: the server lets what people wait for go first.
document.addEventListener("htmx:configRequest", (event) => {
  const { triggeringEvent, headers } = event.detail;
  if (triggeringEvent?.type.startsWith("luister:")) headers["Luister-Refresh"] = "1";
});
