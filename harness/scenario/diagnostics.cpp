// Collects, sorts and prints problems.
#include "scenario/diagnostics.hpp"

#include <algorithm>

namespace seatrial::scenario {

std::string Diagnostic::text() const {
  if (line == 0) return file + ": " + message;
  return file + ":" + std::to_string(line) + ":" + std::to_string(column) + ": " + message;
}

std::string to_text(const std::vector<Diagnostic>& diagnostics) {
  std::string out;
  for (const auto& diagnostic : diagnostics) out += diagnostic.text() + "\n";
  return out;
}

void Problems::add(Place place, std::string message) {
  std::pair<Place, std::string> problem{place, std::move(message)};
  if (std::find(found_.begin(), found_.end(), problem) == found_.end()) {
    found_.push_back(std::move(problem));
  }
}

bool Problems::has(Place place) const {
  return std::any_of(found_.begin(), found_.end(),
                     [&](const auto& problem) { return problem.first == place; });
}

void Problems::add_all(const Problems& others) {
  for (const auto& [place, message] : others.found_) add(place, message);
}

std::vector<Diagnostic> Problems::finish(std::string_view path,
                                         const std::vector<std::string>& settings) const {
  auto sorted = found_;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<Diagnostic> out;
  for (const auto& [place, message] : sorted) {
    if (place.source == 0) {
      out.push_back({std::string(path), place.line, place.column, message});
    } else {
      const auto index = static_cast<std::size_t>(place.source) - 1;
      out.push_back({"--set " + settings.at(index), 0, 0, message});
    }
  }
  return out;
}

}  // namespace seatrial::scenario
