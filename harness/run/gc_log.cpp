// Line by line; the time in front is that of a pause's end.
#include "run/gc_log.hpp"

#include <charconv>
#include <cmath>
#include <istream>

namespace seatrial::run {
namespace {

constexpr std::string_view tag = "ns][gc";  // [gc], and [gc,...] of some collectors
constexpr std::string_view names_pauses_as_phases = "] Using The Z Garbage Collector";

// What follows the tags, and the time in front; nothing if this is no line of the collector's.
struct GcLine {
  std::int64_t at_ns = 0;
  std::string_view text;
};
std::optional<GcLine> split(std::string_view line) {
  if (!line.starts_with('[')) return std::nullopt;
  const auto tagged = line.find(tag);
  if (tagged == std::string_view::npos) return std::nullopt;
  GcLine out;
  const char* end = line.data() + tagged;
  const auto [stopped, code] = std::from_chars(line.data() + 1, end, out.at_ns);
  if (code != std::errc() || stopped != end) return std::nullopt;
  const auto bracket = line.find(']', tagged + tag.size());
  if (bracket == std::string_view::npos) return std::nullopt;
  out.text = line.substr(bracket + 1);
  return out;
}

// "Pause Young (...) 5.718ms" of " GC(0) Pause Young (...) 5.718ms", or of " GC(0) Y: Pause Mark
// End 0.019ms", where ZGC says of which generation; else nothing.
std::string_view pause_of(std::string_view text) {
  constexpr std::string_view number = " GC(", after = ") ", generation = "Y: ", pause = "Pause ";
  if (!text.starts_with(number)) return {};
  const auto end = text.find(after);
  if (end == std::string_view::npos) return {};
  text.remove_prefix(end + after.size());
  if (text.size() > generation.size() && text.substr(1, 2) == generation.substr(1)) {
    text.remove_prefix(generation.size());
  }
  return text.starts_with(pause) ? text : std::string_view();
}

}  // namespace

std::optional<GcPause> parse_gc_line(std::string_view line) {
  constexpr std::string_view unit = "ms";
  while (line.ends_with('\r') || line.ends_with(' ')) line.remove_suffix(1);
  const auto parts = split(line);
  if (!parts) return std::nullopt;
  const std::string_view pause = pause_of(parts->text);
  if (!pause.ends_with(unit)) return std::nullopt;
  std::string_view number = pause.substr(0, pause.size() - unit.size());
  number.remove_prefix(number.rfind(' ') + 1);
  double length_ms = 0;
  const char* end = number.data() + number.size();
  const auto [stopped, code] = std::from_chars(number.data(), end, length_ms);
  // Not longer than its clock has run, nor "nan".
  const bool sound = length_ms >= 0 && length_ms * 1e6 <= static_cast<double>(parts->at_ns);
  if (code != std::errc() || stopped != end || !sound) return std::nullopt;
  const nanoseconds length{std::llround(length_ms * 1e6)};
  return GcPause{.from = from_ns(parts->at_ns) - length,
                 .length = length,
                 .full = pause.starts_with("Pause Full")};
}

std::optional<std::vector<GcPause>> read_gc_pauses(std::istream& log) {
  std::vector<GcPause> pauses;
  bool reported = false, hidden = false;
  for (std::string line; std::getline(log, line);) {
    reported = reported || split(line).has_value();  // "Using Serial" comes with each start
    hidden = hidden || line.find(names_pauses_as_phases) != std::string::npos;
    if (const auto pause = parse_gc_line(line)) pauses.push_back(*pause);
  }
  if (!reported || (hidden && pauses.empty())) return std::nullopt;
  return pauses;
}

}  // namespace seatrial::run
