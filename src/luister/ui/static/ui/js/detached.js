// A form can be drawn anew, by a live event, while its answer is under way. To htmx an element outside the page has no
// page: what the answer brings would find no place and its message no ear. For the answer alone it is put back, unseen.

document.addEventListener("htmx:beforeRequest", ({ detail: { elt } }) => {
  elt.addEventListener("htmx:beforeOnLoad", () => {
    if (elt.isConnected) return;
    const place = document.createElement("div");
    place.hidden = true;
    place.append(elt);
    document.body.append(place);
    elt.addEventListener("htmx:afterOnLoad", () => place.remove(), { once: true });
  }, { once: true });
});
