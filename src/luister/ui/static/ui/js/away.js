// The page that says that the database is away comes back by itself once the server can serve it.

const PAUSE = 4000;
const waits = document.querySelector("[data-waits]");

async function look() {
  const isReady = await fetch("/health/ready", { cache: "no-store" }).then((answer) => answer.ok, () => false);
  if (isReady) location.reload();
  else lookLater();
}

// Hundreds of pages do not come back at once.
function lookLater() {
  setTimeout(look, PAUSE * (0.5 + Math.random()));
}

if (waits) {
  waits.hidden = false;
  lookLater();
}
