// Line by line; the time in front is that of a pause's end.
#include "run/gc_log.hpp"

#include <charconv>
#include <cmath>
#include <istream>

namespace seatrial::run {
namespace {

constexpr std::string_view tag = "ns][gc";  // [gc], and [gc,...] of some collectors

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

}  // namespace

std::optional<GcPause> parse_gc_line(std::string_view line) {
  constexpr std::string_view unit = "ms";
  while (line.ends_with('\r') || line.ends_with(' ')) line.remove_suffix(1);
  const auto parts = split(line);
  if (!parts || parts->text.find(") Pause ") == std::string_view::npos ||
      !parts->text.ends_with(unit)) {
    return std::nullopt;
  }
  std::string_view number = parts->text.substr(0, parts->text.size() - unit.size());
  number.remove_prefix(number.rfind(' ') + 1);
  double length_ms = 0;
  const char* end = number.data() + number.size();
  const auto [stopped, code] = std::from_chars(number.data(), end, length_ms);
  if (code != std::errc() || stopped != end || length_ms < 0) return std::nullopt;
  const nanoseconds length{std::llround(length_ms * 1e6)};
  return GcPause{.from = from_ns(parts->at_ns) - length,
                 .length = length,
                 .full = parts->text.find(") Pause Full") != std::string_view::npos};
}

std::optional<std::vector<GcPause>> read_gc_pauses(std::istream& log) {
  std::vector<GcPause> pauses;
  bool told = false;
  for (std::string line; std::getline(log, line);) {
    told = told || split(line).has_value();  // "Using Serial" comes with each start
    if (const auto pause = parse_gc_line(line)) pauses.push_back(*pause);
  }
  if (!told) return std::nullopt;
  return pauses;
}

}  // namespace seatrial::run
