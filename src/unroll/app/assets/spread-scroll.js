// What is wider than its place fades at the side where it goes on.

/** Mark the scrollers in a place, now and whenever one is scrolled or the place changes. */
export function showMore(place) {
  const mark = (scroller) => {
    const left = scroller.scrollWidth - scroller.clientWidth - scroller.scrollLeft;
    scroller.classList.toggle("goes-on", left > 2);
  };
  const all = () => place.querySelectorAll(".scroll").forEach(mark);
  place.addEventListener("scroll", (event) => event.target.matches(".scroll") && mark(event.target), true);
  new ResizeObserver(all).observe(place);
  new MutationObserver(all).observe(place, { childList: true, subtree: true });
}
