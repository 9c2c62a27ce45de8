// arrivals: rates(FILE): a CSV of time and rate, as monitoring exports it.
#include <algorithm>
#include <cmath>

#include "core/utf8.hpp"
#include "workloads/shapes/profiles.hpp"

namespace seatrial::workloads {
namespace {

constexpr std::string_view blank = " \t\r";

std::string_view stripped(std::string_view text) {
  const auto begin = text.find_first_not_of(blank);
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(blank) - begin + 1);
}

enum class Units { written, seconds };

// Plain numbers are taken as if their unit stood behind them, so that both are as exact.
Result<nanoseconds> read_time(std::string_view text, Units units) {
  return parse_duration(units == Units::written ? std::string(text) : std::string(text) + "s");
}

Result<Rate> read_rate(std::string_view text, Units units) {
  if (units == Units::written) return parse_profile_rate(text);
  const auto number = parse_number(text);
  if (!number) return number.error();
  if (*number < 0) return Error{"a rate below 0: '" + std::string(text) + "'", ""};
  if (*number == 0) return Rate{};
  return parse_rate(std::string(text) + "/s");
}

class RatesReader {
 public:
  std::optional<Error> take(std::string_view line, std::size_t number) {
    line_ = line;
    number_ = number;
    const std::string_view text = stripped(line);
    if (text.empty() || text.front() == '#') return std::nullopt;
    if (const auto at = first_not_utf8(line)) return wrong(line, not_utf8(line, *at));
    if (const auto at = first_control(text)) return wrong(text, control_text(text[*at]));
    if (profile.points.empty() && text == "time_s,rate_per_s" && units_ == Units::written) {
      units_ = Units::seconds;
      return std::nullopt;
    }
    return take_point(text);
  }
  measure::Profile profile;

 private:
  std::optional<Error> take_point(std::string_view text) {
    const auto comma = text.find(',');
    if (comma == text.npos) return wrong(text, "a line is TIME,RATE as 90s,1200/s");
    const std::string_view when = stripped(text.substr(0, comma));
    const std::string_view what = stripped(text.substr(comma + 1));
    const auto time = read_time(when, units_);
    if (!time) return wrong(when, time.error().message + unitless());
    const auto rate = read_rate(what, units_);
    if (!rate) return wrong(what, rate.error().message + unitless());
    const auto& points = profile.points;
    if (points.empty() && time->count() != 0) return wrong(when, "the first line is of time 0");
    if (!points.empty() && time->count() < points.back().at_ns)
      return wrong(when, "'" + std::string(when) + "' is before the line above it");
    profile.points.push_back({time->count(), *rate});
    return std::nullopt;
  }
  [[nodiscard]] std::string unitless() const {
    return units_ == Units::seconds ? "" : "; plain numbers need a first line time_s,rate_per_s";
  }
  // `where` is a view into the line; an empty one is told at its beginning.
  [[nodiscard]] Error wrong(std::string_view where, const std::string& what) const {
    const auto column = where.empty() ? 0 : where.data() - line_.data();
    return Error{std::to_string(number_) + ":" + std::to_string(column + 1) + ": " + what, ""};
  }

  Units units_ = Units::written;
  std::string_view line_;
  std::size_t number_ = 0;
};

}  // namespace

Result<measure::Profile> read_rates(std::string_view text) {
  RatesReader reader;
  text = without_byte_order_mark(text);
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = std::min(text.find('\n'), text.size());
    if (const auto error = reader.take(text.substr(0, end), number)) return *error;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  const auto& points = reader.profile.points;
  if (points.empty()) return Error{"1:1: there is no line with a time and a rate", ""};
  if (std::ranges::all_of(points, [](const auto& point) { return point.rate.messages == 0; }))
    return Error{"1:1: nothing ever falls due", ""};
  return std::move(reader.profile);
}

}  // namespace seatrial::workloads
