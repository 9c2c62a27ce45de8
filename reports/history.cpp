// A history on a terminal: what changed, at which run.
#include "reports/history.hpp"

#include <cmath>

#include "core/counted.hpp"
#include "reports/format.hpp"
#include "reports/gate.hpp"

namespace seatrial::reports {
namespace {

std::string context_text(const View& history, std::size_t place) {
  const View context = history["contexts"].at(place);
  const std::string runs = counted(context["runs"].count(), "run");
  return "Context " + std::to_string(place + 1) + ", " + runs + ": " +
         (place == 0 ? pairs_text(context["machine"])
                     : context["differs"].text("?") +
                           "; not comparable with the first, so its series are its own");
}

std::string of_series(const View& history, const View& series) {
  std::string out = series["scenario"].text("?") + ", " + series["variant"].text("?");
  if (history["contexts"].size() > 1)
    out += ", context " + std::to_string(series["context"].count() + 1);
  return out;
}

}  // namespace

std::string history_change(const View& series, const View& change) {
  const auto before = change["before"].number_or(0), after = change["after"].number_or(0);
  std::string out =
      gate_value(series, change["before"]) + " -> " + gate_value(series, change["after"]);
  if (const auto ratio = change["change"].number()) out += ", " + percent_text(std::expm1(*ratio));
  const bool more_is_better = series["more_is_better"].boolean().value_or(false);
  return out + ((after > before) == more_is_better ? ", better" : ", worse");
}

std::string history_name(const View& run) {
  const auto labels = pairs_text(run["labels"]);
  return labels.empty() ? run["id"].text("?") : labels;
}

std::vector<View> changed_series(const View& history) {
  std::vector<View> out;
  for (const View& series : history["series"].items())
    if (series["changes"].size() > 0) out.push_back(series);
  return out;
}

std::vector<std::string> history_notes(const View& history) {
  std::size_t searched = 0, too_short = 0;
  for (const View& series : history["series"].items())
    ++(series["searched"].boolean().value_or(false) ? searched : too_short);
  std::vector<std::string> out{counted(changed_series(history).size(), "series", "series") +
                               " of " + std::to_string(searched) +
                               " searched changed; chance alone finds a change in about one of " +
                               decimal(1 / history["max_p"].number_or(1), 0) + "."};
  if (too_short > 0) {
    out.push_back(counted(too_short, "series", "series") + " not searched: a change shows from " +
                  history["least_runs"].text() + " runs on.");
  }
  for (std::size_t place = 0; place < history["contexts"].size(); ++place)
    out.push_back(context_text(history, place));
  out.push_back(
      "This has no verdict: what else changed between runs nobody controlled. A gate of the "
      "versions before and after, ./seatrial gate, controls it.");
  return out;
}

std::string history_text(const View& history, const ConsoleStyle& style) {
  const View runs = history["runs"];
  std::string out;
  const auto lines = [&](const std::string& text, std::size_t indent) {
    for (const auto& line : wrap(one_line(text), style.width - indent))
      out += std::string(indent, ' ') + line + "\n";
  };
  lines(counted(runs.size(), "run") + ", " + runs.at(0)["started_at"].text() + " to " +
            runs.at(runs.size() - 1)["started_at"].text(),
        0);
  std::string heading;
  for (const View& series : changed_series(history)) {
    if (of_series(history, series) != heading) {
      heading = of_series(history, series);
      out += "\n" + one_line(heading) + "\n";
    }
    lines(series["metric"].text() + ", " + counted(series["points"].size(), "run"), 2);
    for (const View& change : series["changes"].items()) {
      const View run = runs.at(change["run"].count());
      lines("from " + run["id"].text("?") + " on: " + history_change(series, change) + " (p " +
                decimal(change["p"].number_or(1), 3) + ")",
            4);
      if (run["labels"].size() > 0) lines(pairs_text(run["labels"]), 6);
    }
  }
  out += "\n";
  for (const auto& note : history_notes(history)) lines(note, 0);
  return out;
}

}  // namespace seatrial::reports
