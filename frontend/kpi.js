// Replaces the drawn trend by one that can be pointed at, where scripts run. Without it the picture and the table stay.
(() => {
  const holder = document.getElementById("trend");
  const data = document.getElementById("trend-figure");
  if (!holder || !data || !window.Plotly) return;
  const figure = JSON.parse(data.textContent);
  const plot = document.createElement("div");
  plot.className = "st-plot";
  plot.setAttribute("role", "img");
  plot.setAttribute("aria-label", holder.querySelector("svg").getAttribute("aria-label"));
  holder.after(plot);
  Plotly.newPlot(plot, figure.data, figure.layout, { displayModeBar: false, responsive: true }).then(
    () => {
      holder.classList.add("st-print-only");
      plot.classList.add("st-screen-only");
    },
    () => plot.remove(),
  );
})();
