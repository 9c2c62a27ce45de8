/* The page's script: readouts that follow the pointer, one cursor through all charts of a group,
   and series that hide. The page says everything without it. It makes text nodes only, never
   markup. */
(function () {
  "use strict";
  var SVG = "http://www.w3.org/2000/svg";
  var charts = [];

  function setUp(svg) {
    var plot = JSON.parse(svg.getAttribute("data-plot"));
    var title = svg.querySelector(":scope > title");
    if (title) title.remove();
    var line = document.createElementNS(SVG, "line");
    line.setAttribute("class", "cursor hidden");
    line.setAttribute("y1", plot.y[0]);
    line.setAttribute("y2", plot.y[1]);
    svg.appendChild(line);
    var chart = { svg: svg, plot: plot, line: line, box: null, off: {} };
    charts.push(chart);
    svg.addEventListener("pointermove", function (event) { follow(chart, event); });
    svg.addEventListener("pointerdown", function (event) { follow(chart, event); });
    svg.addEventListener("pointerleave", clear);
  }

  function follow(chart, event) {
    var box = chart.svg.getBoundingClientRect();
    var px = (event.clientX - box.left) * chart.svg.viewBox.baseVal.width / box.width;
    var x = chart.plot.x;
    if (px < x[2] - 4 || px > x[3] + 4) return clear();
    var value = x[0] + (px - x[2]) / (x[3] - x[2]) * (x[1] - x[0]);
    var near = null;
    chart.plot.series.forEach(function (series) {
      var point = nearest(series.points, value);
      if (!point) return;
      if (near === null || Math.abs(point[0] - value) < Math.abs(near - value)) near = point[0];
    });
    if (near !== null) value = near;
    charts.forEach(function (other) {
      if (other.plot.group !== chart.plot.group) return;
      var o = other.plot.x;
      var at = o[2] + (value - o[0]) / (o[1] - o[0]) * (o[3] - o[2]);
      other.line.setAttribute("x1", at);
      other.line.setAttribute("x2", at);
      other.line.setAttribute("class", "cursor");
      if (other !== chart) hideBox(other);
    });
    show(chart, value, event, box);
  }

  function nearest(points, value) {
    var best = null;
    points.forEach(function (point) {
      if (best === null || Math.abs(point[0] - value) < Math.abs(best[0] - value)) best = point;
    });
    return best;
  }

  function show(chart, value, event, box) {
    var rows = [];
    var head = "";
    chart.plot.series.forEach(function (series) {
      var point = chart.off[series.name] ? null : nearest(series.points, value);
      if (!point) return;
      var near = Math.abs(point[0] - value) <= (chart.plot.x[1] - chart.plot.x[0]) / 40;
      if (!near) return;
      head = head || point[2];
      rows.push([series, point[2] === head ? point[3] : point[3] + " at " + point[2]]);
    });
    if (!rows.length) return hideBox(chart);
    if (!chart.box) {
      chart.box = document.createElement("div");
      chart.box.className = "readout";
      chart.svg.parentNode.appendChild(chart.box);
    }
    chart.box.textContent = "";
    chart.box.classList.remove("hidden");
    var b = document.createElement("b");
    b.textContent = head;
    chart.box.appendChild(b);
    rows.forEach(function (row) {
      var div = document.createElement("div");
      var mark = document.createElement("i");
      mark.className = row[0].kind;
      div.appendChild(mark);
      div.appendChild(document.createTextNode(row[0].name + "  " + row[1]));
      chart.box.appendChild(div);
    });
    var pointer = event.clientX - box.left;
    var width = chart.box.offsetWidth;
    var left = pointer + 16 + width > box.width ? pointer - width - 16 : pointer + 16;
    chart.box.style.left = Math.max(0, left) + "px";
    chart.box.style.top = Math.max(0, event.clientY - box.top - chart.box.offsetHeight - 10) + "px";
  }

  function hideBox(chart) { if (chart.box) chart.box.classList.add("hidden"); }

  function clear() {
    charts.forEach(function (chart) {
      chart.line.setAttribute("class", "cursor hidden");
      hideBox(chart);
    });
  }

  function toggle(figure, key) {
    var name = key.getAttribute("data-toggle");
    var off = key.classList.toggle("off");
    key.setAttribute("aria-pressed", String(!off));
    figure.querySelectorAll("svg [data-series]").forEach(function (element) {
      if (element.getAttribute("data-series") === name) element.classList.toggle("hidden", off);
    });
    charts.forEach(function (chart) {
      if (figure.contains(chart.svg)) chart.off[name] = off;
    });
  }

  document.querySelectorAll("svg[data-plot]").forEach(setUp);
  document.querySelectorAll("figure").forEach(function (figure) {
    figure.querySelectorAll(".key[data-toggle]").forEach(function (key) {
      key.setAttribute("role", "button");
      key.setAttribute("tabindex", "0");
      key.setAttribute("aria-pressed", "true");
      key.title = "Click to hide or show";
      key.addEventListener("click", function () { toggle(figure, key); });
      key.addEventListener("keydown", function (event) {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        toggle(figure, key);
      });
    });
  });
})();
