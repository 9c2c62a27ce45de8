// Two halves, compared.
#include "judge/steady.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/units.hpp"

namespace seatrial::judge {
namespace {

using measure::Histogram;
using measure::Metric;

constexpr std::int64_t shortest_half = 2;  // seconds
constexpr std::uint64_t least_samples = 20;
constexpr std::uint64_t counted_by_chance = 10;
constexpr double waiting_s = 0.5;
constexpr double rate_share = 0.05;
constexpr double closed_share = 0.1;

// Seconds [from, middle) and [middle, to).
struct Halves {
  std::int64_t from = 0, middle = 0, to = 0;
  [[nodiscard]] double half_s() const { return static_cast<double>(to - middle); }
  [[nodiscard]] Halves before(std::int64_t s) const { return {from - s, middle - s, to - s}; }
};

std::string count_text(double messages) {
  return format_count(static_cast<std::uint64_t>(std::llround(std::max(messages, 0.0))));
}

std::string time_text(double ns) { return format_duration(nanoseconds(std::llround(ns))); }

// The running totals at the beginning of a second.
Work at(const Load& load, std::int64_t second) {
  const Work* const found = load.work.find(second - 1);
  return found == nullptr ? Work{} : *found;
}

std::int64_t seconds_of(const Load& load) {
  return load.work.empty() ? 0 : load.work.last() + 1 - load.work.first();
}

double grown(std::uint64_t from, std::uint64_t to) {
  return static_cast<double>(to) - static_cast<double>(from);
}

std::uint64_t least_open(const Load& load, std::int64_t from, std::int64_t to) {
  std::uint64_t least = UINT64_MAX;
  for (std::int64_t second = from; second < to; ++second) {
    const Work* const work = load.work.find(second);
    if (work != nullptr) least = std::min(least, work->least_open);
  }
  return least == UINT64_MAX ? 0 : least;
}

Metric metric_of(const Load& load) {
  return load.loop == Loop::reading ? Metric::end_to_end : Metric::response;
}

Histogram latencies(const Load& load, std::int64_t from, std::int64_t to) {
  const auto wanted = [from, to](std::int64_t second) { return second >= from && second < to; };
  return load.series->merged(metric_of(load), wanted).histogram;
}

double settled(const Load& load, std::int64_t from, std::int64_t to) {
  return grown(at(load, from).settled, at(load, to).settled);
}

// The shortest halves up to that second, its own included, that hold enough; nothing if there are
// none yet. One more second lies before them, for the latencies.
std::optional<Halves> halves_of(const Load& load, std::int64_t second) {
  if (load.work.empty()) return std::nullopt;
  const std::int64_t first = load.work.first();
  for (std::int64_t half = shortest_half; second - 2 * half >= first; ++half) {
    const Halves halves{second + 1 - 2 * half, second + 1 - half, second + 1};
    const auto enough = [&](std::int64_t from, std::int64_t to) {
      return settled(load, from, to) >= static_cast<double>(least_samples);
    };
    if (enough(halves.from, halves.middle) && enough(halves.middle, halves.to)) return halves;
  }
  return std::nullopt;
}

double backlog_limit(const Load& load, double per_second) {
  return per_second * (waiting_s + to_seconds(load.linger)) +
         static_cast<double>(counted_by_chance);
}

std::optional<Unsteady> trend_of_rate(const Load& load, const Halves& halves) {
  const double before = settled(load, halves.from, halves.middle);
  const double after = settled(load, halves.middle, halves.to);
  const double apart = std::abs(after - before) - static_cast<double>(counted_by_chance);
  if (apart <= closed_share * std::max(before, after)) return std::nullopt;
  return Unsteady{fmt::format("its rate goes from {}/s to {}/s",
                              count_text(before / halves.half_s()),
                              count_text(after / halves.half_s()))};
}

std::optional<Unsteady> backlog_of(const Load& load, const Halves& halves) {
  const double due = grown(at(load, halves.middle).due, at(load, halves.to).due);
  const auto before = static_cast<double>(least_open(load, halves.from, halves.middle));
  const auto after = static_cast<double>(least_open(load, halves.middle, halves.to));
  const double per_second = due / halves.half_s();
  const char* done = load.loop == Loop::reading ? "read" : "settled";
  const double change = after - before;
  if (load.loop == Loop::reading && change > rate_share * due && !trend_of_rate(load, halves)) {
    return Unsteady{
        .why = fmt::format("it falls behind: it reads {}/s of {}/s",
                           count_text(settled(load, halves.middle, halves.to) / halves.half_s()),
                           count_text(per_second)),
        .hopeless = true};
  }
  if (after > backlog_limit(load, per_second)) {
    const std::string of_load =
        per_second > 0 ? ", " + time_text(after / per_second * 1e9) + " of its load" : "";
    return Unsteady{fmt::format("{} messages wait to be {}{}", count_text(after), done, of_load)};
  }
  if (std::abs(change) > rate_share * due + static_cast<double>(counted_by_chance)) {
    return Unsteady{fmt::format("{} of {} messages that fall due in {} are {}",
                                count_text(due - change), count_text(due),
                                time_text(halves.half_s() * 1e9), done)};
  }
  return std::nullopt;
}

std::optional<Unsteady> trend(const char* what, const Load& load, double before, double after,
                              double factor, double floor_ns) {
  if (std::max(before, after) <= factor * std::min(before, after) + floor_ns) return std::nullopt;
  return Unsteady{fmt::format("the {} of {} goes from {} to {}", what,
                              load.loop == Loop::reading ? "end to end" : "response",
                              time_text(before), time_text(after))};
}

std::optional<Unsteady> trend_of_latency(const Load& load, const Halves& halves) {
  const Histogram before = latencies(load, halves.from, halves.middle);
  const Histogram after = latencies(load, halves.middle, halves.to);
  if (before.empty() || after.empty()) return Unsteady{"it has no latency yet"};
  const auto at = [](const Histogram& histogram, double percentile) {
    return static_cast<double>(histogram.value_at(percentile));
  };
  if (auto found = trend("median", load, at(before, 50), at(after, 50), 1.25, 1e6)) return found;
  if (!before.percentile_printable(99) || !after.percentile_printable(99)) return std::nullopt;
  return trend("99th percentile", load, at(before, 99), at(after, 99), 2, 5e6);
}

}  // namespace

std::optional<Unsteady> unsteady(const Load& load, std::int64_t second) {
  const auto halves = halves_of(load, second);
  if (!halves) {
    const auto done = load.work.empty() ? 0 : load.work.find(load.work.last())->settled;
    return Unsteady{
        fmt::format("{} messages in {} s show no trend: two halves of {} s with {} in "
                    "each do",
                    format_count(done), seconds_of(load), shortest_half, least_samples)};
  }
  auto found = load.loop == Loop::closed ? trend_of_rate(load, *halves) : backlog_of(load, *halves);
  if (!found && load.answered) found = trend_of_latency(load, halves->before(1));
  return found;
}

std::optional<std::int64_t> backlog_gone(const Load& load, std::int64_t from) {
  if (load.loop == Loop::closed || load.work.empty()) return from;
  const std::int64_t first = load.work.first();
  const auto span = static_cast<double>(std::max<std::int64_t>(from - first, 1));
  const double limit =
      backlog_limit(load, static_cast<double>(at(load, std::max(from, first + 1)).due) / span);
  for (std::int64_t second = std::max(from, first); second <= load.work.last(); ++second) {
    const Work* const work = load.work.find(second);
    if (work != nullptr && static_cast<double>(work->least_open) <= limit) return second;
  }
  return std::nullopt;
}

std::string steadiness_advice(const Load& load) {
  if (load.loop == Loop::reading)
    return "offer less, add readers, or give the brokers more CPU or a longer warm-up";
  return "offer less, make fewer and larger requests (fewer lanes or partitions, a longer "
         "linger.ms), or give the brokers more CPU or a longer warm-up";
}

}  // namespace seatrial::judge
