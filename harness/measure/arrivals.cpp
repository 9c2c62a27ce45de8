// Which rates and shapes go together, what they offer in a time, and reading traces.
#include "measure/arrivals.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/check.hpp"
#include "core/trimmed.hpp"
#include "core/utf8.hpp"
#include "measure/pacer.hpp"
#include "measure/schedule.hpp"

namespace seatrial::measure {
namespace {

// The number of the first message that is intended at `span` or later.
std::uint64_t first_from(const Rate& rate, const Arrivals& arrivals, nanoseconds span) {
  const auto at = [&](std::uint64_t i) {
    Pacer pacer(rate, arrivals, 0, 1, 0, 0);
    pacer.skip(i);
    return pacer.next_ns();
  };
  std::uint64_t beyond = 1;
  while (at(beyond) < span.count()) beyond *= 2;
  std::uint64_t low = 0;
  while (low < beyond) {
    const std::uint64_t middle = low + (beyond - low) / 2;
    if (at(middle) < span.count()) low = middle + 1;
    else beyond = middle;
  }
  return low;
}

std::optional<Error> curve_problem(const Rate& rate, const Arrivals& arrivals) {
  if (arrivals.low.unlimited) return Error{"starts at a rate, not at max", ""};
  if (arrivals.span <= nanoseconds(0)) return Error{"takes a time above 0", ""};
  const bool ramp = arrivals.shape == Arrivals::Shape::ramp;
  if (!ramp && arrivals.low.per_second() > rate.per_second()) {
    return Error{"the lowest rate is above `rate`, the highest", ""};
  }
  return Curve::problem(rate, arrivals);
}

// Messages from its first point to its last.
double messages_of(const Profile& profile) {
  double sum = 0;
  for (std::size_t k = 1; k < profile.points.size(); ++k) {
    const auto& from = profile.points[k - 1];
    const auto& to = profile.points[k];
    sum += (from.rate.per_second() + to.rate.per_second()) / 2 *
           to_seconds(nanoseconds(to.at_ns - from.at_ns));
  }
  return sum;
}

std::optional<Error> profile_problem(const Rate& rate, const Arrivals& arrivals) {
  check(arrivals.profile != nullptr && !arrivals.profile->points.empty(), "a profile is read");
  const Profile& profile = *arrivals.profile;
  const auto& points = profile.points;
  check(points.front().at_ns == 0 && std::ranges::is_sorted(points, {}, &Profile::Point::at_ns),
        "a profile's points ascend from 0");
  if (profile.repeats && points.back().at_ns == 0) return Error{"repeats after no time", ""};
  const bool ends = profile.repeats || points.back().rate.messages == 0;
  if (ends && messages_of(profile) < 1) return Error{"has less than one message in all", ""};
  return Curve::problem(rate, arrivals);
}

}  // namespace

std::optional<Error> problem(const Rate& rate, const Arrivals& arrivals) {
  using enum Arrivals::Shape;
  const bool plain = arrivals.shape == constant;
  if (rate.unlimited && !plain) {
    return Error{
        "`rate: max` is the closed loop: it sends as fast as it is answered, and has no "
        "arrivals",
        ""};
  }
  switch (arrivals.shape) {
    case constant:
    case poisson: return std::nullopt;
    case bursts: {
      if (arrivals.burst == 0) return Error{"a burst has at least one message", ""};
      const Wide room = Wide{arrivals.burst} * rate.per.count();
      if (static_cast<Wide>(rate.messages) * arrivals.span.count() <= room) return std::nullopt;
      return Error{"a burst lasts longer than the time to the next one, " +
                       format_duration(nanoseconds(even_offset_ns(rate, arrivals.burst))),
                   ""};
    }
    case ramp:
    case diurnal: return curve_problem(rate, arrivals);
    case profile: return profile_problem(rate, arrivals);
    case trace: {
      check(arrivals.trace != nullptr && !arrivals.trace->times_ns.empty(), "a trace is read");
      return std::nullopt;
    }
  }
  return std::nullopt;
}

double offered_messages(const Rate& rate, const Arrivals& arrivals, nanoseconds span) {
  using enum Arrivals::Shape;
  if (rate.unlimited || span <= nanoseconds(0)) return 0;
  if (arrivals.shape == constant || arrivals.shape == poisson) {
    return rate.per_second() * to_seconds(span);
  }
  return static_cast<double>(first_from(rate, arrivals, span));
}

Result<Trace> read_trace(std::string_view text, TraceKind kind) {
  Trace trace;
  std::size_t number = 0;
  std::int64_t at_ns = 0;
  const auto wrong = [&](const std::string& what) {
    return Error{"line " + std::to_string(number) + ": " + what, ""};
  };
  text = without_byte_order_mark(text);
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed(text.substr(0, end), " \t\r");
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    if (line.empty() || line.front() == '#') continue;
    if (const auto at = first_not_utf8(line)) return wrong(not_utf8(line, *at));
    if (const auto at = first_control(line)) return wrong("here stands " + control_text(line[*at]));
    const auto length = parse_duration(line);
    if (!length) return wrong(length.error().message);
    std::int64_t next = length->count();
    if (kind == TraceKind::gaps && __builtin_add_overflow(at_ns, next, &next)) {
      return wrong("the gaps so far are longer than 292 years");
    }
    if (next < at_ns) return wrong("'" + std::string(line) + "' is before the line above it");
    at_ns = next;
    trace.times_ns.push_back(at_ns);
  }
  if (trace.times_ns.empty()) return Error{"there is no line with a time", ""};
  if (at_ns == 0) return Error{"all messages are intended at 0, which is no rate", ""};
  return trace;
}

Rate rate_of(const Profile& profile) {
  const auto& last = profile.points.back();
  if (last.at_ns == 0) return last.rate;
  const double messages = std::max(1.0, std::round(messages_of(profile)));
  return {.messages = static_cast<std::uint64_t>(messages), .per = nanoseconds(last.at_ns)};
}

Rate rate_of(const Trace& trace) {
  return {.messages = trace.times_ns.size(), .per = nanoseconds(trace.times_ns.back())};
}

}  // namespace seatrial::measure
