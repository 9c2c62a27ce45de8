// A comparison on a terminal.
#include "reports/compare.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "reports/format.hpp"
#include "reports/gate.hpp"

namespace seatrial::reports {
namespace {

// 5.1 ms, or 5.1 ms (4.9 ms to 5.6 ms, 5 trials)
std::string value_text(const View& row, const View& of) {
  if (!of) return "-";
  std::string out = gate_value(row, of["median"]);
  if (of["trials"].count() > 1) {
    out += " (" + gate_value(row, of["least"]) + " to " + gate_value(row, of["most"]) + ", " +
           of["trials"].text() + " trials)";
  }
  return out;
}

}  // namespace

std::string compare_change(const View& change) {
  const auto value = change["value"].number();
  if (!value) return "-";
  std::string out = percent_text(std::expm1(*value));
  const auto low = change["low"].number(), high = change["high"].number();
  if (!low || !high) return out;
  return out + " (" + percent_text(std::expm1(*low)) + " to " + percent_text(std::expm1(*high)) +
         ")";
}

std::string compare_text(const View& comparison, const ConsoleStyle& style) {
  const auto runs = comparison["runs"].items();
  std::string out;
  const auto lines = [&](const std::string& text, std::size_t indent) {
    for (const auto& line : wrap(one_line(text), style.width - indent))
      out += std::string(indent, ' ') + line + "\n";
  };
  for (std::size_t i = 0; i < runs.size(); ++i) {
    lines(std::string(1, static_cast<char>('A' + i)) + "  " + runs[i]["scenario"].text() + ", " +
              runs[i]["id"].text() + ", " + runs[i]["verdict"].text() + "  " +
              pairs_text(runs[i]["labels"]),
          0);
  }
  out += "\nsettings that differ\n";
  std::size_t alike = 0;
  for (const View& setting : comparison["settings"].items()) {
    if (!setting["differs"].boolean().value_or(false)) {
      ++alike;
      continue;
    }
    std::vector<std::string> values;
    for (const View& value : setting["values"].items()) values.push_back(value.text("-"));
    lines(setting["name"].text() + ": " + join(values, " | "), 2);
  }
  lines(std::to_string(alike) + " settings agree", 2);
  std::string variant;
  for (const View& row : comparison["rows"].items()) {
    if (row["variant"].text() != variant) {
      variant = row["variant"].text();
      out += "\n" + one_line(variant) + "\n";
    }
    lines(row["metric"].text(), 2);
    for (std::size_t i = 0; i < runs.size(); ++i) {
      const std::string change =
          i == 0 || !row["change"].at(i - 1) ? "" : "  " + compare_change(row["change"].at(i - 1));
      lines(std::string(1, static_cast<char>('A' + i)) + "  " + value_text(row, row["of"].at(i)) +
                change,
            4);
    }
  }
  out += "\n";
  lines(
      "Changes are against A. This has no verdict: runs at other times differ for reasons that "
      "nobody controlled; ./seatrial gate controls them.",
      0);
  return out;
}

}  // namespace seatrial::reports
