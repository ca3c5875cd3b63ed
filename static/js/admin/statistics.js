// The chart of the page of statistics, and its live part. Without this the tables say the same.
const LIVE_EVERY = 15_000; // milliseconds

const chart = document.querySelector("[data-chart]");
const data = JSON.parse(document.getElementById("chart-data").textContent);

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

// Notes and gaps: a line through the chart at their day, told in words under it.
const marks = {
  id: "marks",
  afterDatasetsDraw({ ctx, chartArea, scales }) {
    for (const [list, token] of [[data.notes, "--accent"], [data.gaps, "--mark"]]) {
      for (const mark of list) {
        const x = scales.x.getPixelForValue(mark.at);
        ctx.save();
        ctx.strokeStyle = ctx.fillStyle = colour(token);
        ctx.setLineDash([4, 3]);
        ctx.beginPath();
        ctx.moveTo(x, chartArea.top);
        ctx.lineTo(x, chartArea.bottom);
        ctx.stroke();
        ctx.beginPath();
        ctx.arc(x, chartArea.top, 4, 0, 7);
        ctx.fill();
        ctx.restore();
      }
    }
  },
};

function draw(line) {
  const number = new Intl.NumberFormat(document.documentElement.lang);
  const before = data.before[line];
  const datasets = [
    {
      type: "bar",
      label: data.texts[line],
      data: data.lines[line],
      backgroundColor: colour("--accent"),
      order: 2,
      maxBarThickness: 36,
    },
  ];
  if (before.length) {
    datasets.push({
      type: "line",
      label: data.texts.before,
      data: before.slice(0, data.labels.length),
      borderColor: colour("--muted"),
      backgroundColor: colour("--muted"),
      borderWidth: 2,
      pointRadius: 0,
      pointHitRadius: 8,
      tension: 0.25,
      order: 1,
    });
  }
  return new Chart(chart.querySelector("canvas"), {
    data: { labels: data.labels, datasets },
    plugins: [marks],
    options: {
      animation: false,
      maintainAspectRatio: false,
      interaction: { mode: "index", intersect: false },
      font: { family: colour("--font") },
      plugins: {
        legend: { display: before.length > 0, align: "end", labels: { color: colour("--ink"), boxHeight: 10, boxWidth: 16 }, reverse: true },
        tooltip: {
          callbacks: {
            label: (item) => `${item.dataset.label}: ${number.format(item.parsed.y)}`,
            afterBody: ([item]) =>
              [...data.notes, ...data.gaps].filter((mark) => mark.at === item.dataIndex).map((mark) => mark.text),
          },
        },
      },
      scales: {
        x: { grid: { display: false }, ticks: { color: colour("--muted"), maxRotation: 0, autoSkipPadding: 16 } },
        y: {
          beginAtZero: true,
          border: { display: false },
          grid: { color: colour("--rule") },
          ticks: { color: colour("--muted"), precision: 0, maxTicksLimit: 6, callback: (value) => number.format(value) },
        },
      },
    },
  });
}

let line = "visits";
let drawn = null;

function redraw() {
  drawn?.destroy();
  Chart.defaults.font.family = colour("--font");
  drawn = draw(line);
}

const choice = chart.querySelector(".chart__choice");
choice.hidden = false;
choice.addEventListener("click", (event) => {
  const button = event.target.closest("[data-line]");
  if (!button) return;
  line = button.dataset.line;
  for (const other of choice.querySelectorAll("[data-line]")) {
    other.setAttribute("aria-pressed", String(other === button));
  }
  redraw();
});
// A canvas keeps its pixels on paper, where it would make everything else shrink.
addEventListener("beforeprint", () => drawn.resize(680, 280));
addEventListener("afterprint", () => drawn.resize());
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
redraw();

const live = document.querySelector("[data-live]");
setInterval(async () => {
  if (document.hidden) return;
  try {
    const response = await fetch(live.dataset.live, { redirect: "error" });
    if (response.ok) live.innerHTML = await response.text(); // nosemgrep (a template of ours)
  } catch {
    // The server is away for a moment; what stands there says as of when it is.
  }
}, LIVE_EVERY);
