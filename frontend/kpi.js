// Replaces the drawn trend by one that can be pointed at, where scripts run. Without it the picture and the table stay.
(() => {
  const holder = document.getElementById("trend");
  const data = document.getElementById("trend-figure");
  if (!holder || !data || !window.Plotly) return;
  const figure = JSON.parse(data.textContent);
  if (holder.clientWidth < 560) nameOnlyTheEnds(figure.layout);
  const plot = document.createElement("div");
  plot.className = "st-plot";
  plot.setAttribute("role", "img");
  plot.setAttribute("aria-label", holder.querySelector("svg").getAttribute("aria-label"));
  holder.after(plot);
  Plotly.newPlot(plot, figure.data, figure.layout, { displayModeBar: false, responsive: true }).then(
    () => {
      holder.classList.add("st-print-only");
      plot.classList.add("st-screen-only");
      addSwitches();
      plot.before(figureLine());
    },
    () => plot.remove(),
  );

  // The names of more than two periods would lie across each other on a phone. The last stands under the last figure: it
  // is left out where half of it does not fit to the right of that.
  function nameOnlyTheEnds({ xaxis, margin }) {
    for (const list of [xaxis.tickvals, xaxis.ticktext]) list.splice(1, Math.max(list.length - 2, 0));
    margin.r = 56;
  }

  function series() {
    return figure.data.find((trace) => trace.name === figure.layout.meta.series);
  }

  // A box to tick for each line beside the figures themselves. The series stays.
  function addSwitches() {
    const own = figure.data.indexOf(series());
    const others = figure.data.map((trace, at) => [trace.name, at]).filter(([, at]) => at !== own);
    if (!others.length) return;
    const box = document.createElement("fieldset");
    box.className = "st-switches st-screen-only";
    const legend = document.createElement("legend");
    legend.textContent = "Show in the chart";
    box.append(legend);
    others.forEach(([name, at]) => {
      const label = document.createElement("label");
      const input = document.createElement("input");
      input.type = "checkbox";
      input.checked = true;
      input.addEventListener("change", () => show(at, name, input.checked));
      label.append(input, ` ${name}`);
      box.append(label);
    });
    plot.after(box);
  }

  const hidden = new Set();

  // With a line go the words at its end.
  function show(at, name, isOn) {
    hidden[isOn ? "delete" : "add"](name);
    Plotly.restyle(plot, { visible: isOn }, [at]);
    Plotly.relayout(plot, { annotations: figure.layout.annotations.filter((words) => !hidden.has(words.name)) });
  }

  // Left and right arrow keys walk along the figures; each is read out.
  function figureLine() {
    const own = series();
    const line = document.createElement("p");
    line.className = "st-small st-screen-only";
    line.tabIndex = 0;
    line.setAttribute("role", "slider");
    line.setAttribute("aria-label", "Figures, by arrow keys");
    let at = own.text.length - 1;
    const say = () => {
      line.textContent = `${own.text[at]} (arrow keys walk along the figures)`;
      line.setAttribute("aria-valuenow", at + 1);
      line.setAttribute("aria-valuemin", 1);
      line.setAttribute("aria-valuemax", own.text.length);
      line.setAttribute("aria-valuetext", own.text[at]);
    };
    line.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
      const end = { Home: 0, End: own.text.length - 1 }[event.key];
      if (step === undefined && end === undefined) return;
      event.preventDefault();
      at = end ?? Math.min(Math.max(at + step, 0), own.text.length - 1);
      say();
      const trace = figure.data.indexOf(own);
      Plotly.Fx.hover(plot, [{ curveNumber: trace, pointNumber: at }]);
    });
    say();
    return line;
  }
})();
