// The news of a case's work, as they come. A stream that the server has refused
// for good (it was asked for too often, or the person is no longer let in) is not
// asked for again by the browser: then the page is loaded anew a little later,
// which shows what is true.

const AFTER_REFUSAL = 15000;

export function news(id, hear) {
  const source = new EventSource(`/progress?case=${encodeURIComponent(id)}`);
  source.addEventListener("message", (event) => {
    const now = JSON.parse(event.data);
    if (now.case !== id) return;
    if (now.done) source.close();
    hear(now);
  });
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), AFTER_REFUSAL);
  });
}
