// In the head and blocking, so that the first paint already shows what the reader chose on this device.
for (const name of ["text-size", "theme", "contrast"]) {
  try {
    const value = localStorage.getItem(name);
    if (value) document.documentElement.setAttribute(`data-${name}`, value);
  } catch {
    break; // storage is switched off
  }
}
// What this browser can do: buttons that will never work take no room.
document.documentElement.dataset.can = [
  "script",
  navigator.clipboard && "copy",
  navigator.share && "share",
  "speechSynthesis" in window && "speech",
]
  .filter(Boolean)
  .join(" ");
