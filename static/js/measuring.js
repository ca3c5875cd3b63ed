// Tells the measuring system's script, which comes after this one, which portal it measures: the lines that the
// system asks to be put into pages, from a file, since pages hold no script of their own.
{
  const { measuringId, tracker } = document.currentScript.dataset;
  window._govaq = window._govaq || [];
  window._govaq.push(["trackPageView"], ["enableLinkTracking"], ["setTrackerUrl", tracker], ["setSiteId", measuringId]);
}
