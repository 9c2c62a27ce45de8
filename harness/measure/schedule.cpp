// Positions of messages in bursts, curves and recordings, in whole numbers.
#include "measure/schedule.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "core/check.hpp"

namespace seatrial::measure {
namespace {

constexpr double most_bits = 126;  // of the products below; one is left for their sums
// A raised cosine in straight pieces of an hour's share of a day, in thousandths of the way from
// the lowest rate to the highest. They pair off to 1000, so that the mean is exactly in the middle.
constexpr std::array<std::int64_t, 25> day = {0,   17,  67,  146,  250, 371, 500, 629, 750,
                                              854, 933, 983, 1000, 983, 933, 854, 750, 629,
                                              500, 371, 250, 146,  67,  17,  0};
constexpr std::int64_t day_scale = 1000;

std::int64_t narrow(Wide offset) {
  check(offset >= 0, "an intended time is not before the start");
  return offset < never_ns ? static_cast<std::int64_t>(offset) : never_ns;
}

// A rate in lowest terms.
struct Fraction {
  std::int64_t messages = 0;
  std::int64_t per_ns = 1;
  // Of nothing: 0 / 1.
  explicit Fraction(const Rate& rate) {
    if (rate.messages == 0) return;
    const auto per = static_cast<std::uint64_t>(rate.per.count());
    const std::uint64_t common = std::gcd(rate.messages, per);
    messages = static_cast<std::int64_t>(rate.messages / common);
    per_ns = static_cast<std::int64_t>(per / common);
  }
};

std::optional<Error> bits_problem(double rate_bits, double denominator_bits, double span_bits) {
  if (rate_bits < 60 && denominator_bits < 60 && 2 * span_bits + rate_bits + 1 < most_bits)
    return std::nullopt;
  return Error{"is too long or too steep to be exact in 128 bits",
               "choose a shorter time, or rates with fewer digits"};
}

std::optional<Error> profile_bits_problem(const Profile& profile) {
  std::int64_t common = 1;
  double most = 0, longest_ns = 1;
  const auto& points = profile.points;
  for (std::size_t k = 0; k < points.size(); ++k) {
    const Fraction rate(points[k].rate);
    const auto factor = rate.per_ns / std::gcd(common, rate.per_ns);
    const double bits =
        std::log2(static_cast<double>(common)) + std::log2(static_cast<double>(factor));
    if (bits >= 60) return bits_problem(0, bits, 0);
    common *= factor;
    most = std::max(most, points[k].rate.per_second() / 1e9);
    if (k > 0)
      longest_ns = std::max(longest_ns, static_cast<double>(points[k].at_ns - points[k - 1].at_ns));
  }
  const auto bits = std::log2(static_cast<double>(common));
  return bits_problem(std::log2(std::max(most, 1e-9)) + bits, bits, std::log2(longest_ns));
}

}  // namespace

std::int64_t even_offset_ns(const Rate& rate, Wide i) {
  return narrow(i * rate.per.count() / static_cast<Wide>(rate.messages));
}

Bursts::Bursts(const Rate& rate, const Arrivals& arrivals, std::uint64_t lanes)
    : rate_(rate),
      burst_(arrivals.burst),
      span_ns_(static_cast<std::uint64_t>(arrivals.span.count())),
      lanes_(lanes) {}

std::int64_t Bursts::offset() const {
  if (span_ns_ == 0) return begin_ns_;
  return narrow(begin_ns_ + Wide{k_} * span_ns_ / burst_);
}

std::int64_t Bursts::place(Wide i) {
  k_ = static_cast<std::uint64_t>(i % burst_);
  first_ = i - k_;
  begin_ns_ = even_offset_ns(rate_, first_);
  return offset();
}

std::int64_t Bursts::step() {
  k_ += lanes_;
  return k_ < burst_ ? offset() : place(first_ + k_);
}

Curve::Curve(const Rate& rate, const Arrivals& arrivals, std::uint64_t lanes) {
  if (arrivals.shape == Arrivals::Shape::profile) add_knots(*arrivals.profile);
  else add_knots(rate, arrivals);
  for (std::size_t k = 1; k < knots_.size(); ++k) {
    const Knot& last = knots_[k - 1];
    Knot& knot = knots_[k];
    knot.before = last.before + Wide{last.rate + knot.rate} * (knot.at_ns - last.at_ns);
  }
  unit_ = Wide{2} * denominator_;
  stride_ = unit_ * lanes;
}

void Curve::add_knots(const Rate& rate, const Arrivals& arrivals) {
  const Fraction low(arrivals.low);
  const Fraction high(rate);
  denominator_ = std::lcm(low.per_ns, high.per_ns);
  const std::int64_t from = low.messages * (denominator_ / low.per_ns);
  const std::int64_t to = high.messages * (denominator_ / high.per_ns);
  const std::int64_t span_ns = arrivals.span.count();
  if (arrivals.shape == Arrivals::Shape::ramp) {
    knots_ = {{.at_ns = 0, .rate = from}, {.at_ns = span_ns, .rate = to}};
  } else {
    periodic_ = true;
    denominator_ *= day_scale;
    constexpr auto pieces = static_cast<std::int64_t>(day.size()) - 1;
    for (std::int64_t k = 0; k <= pieces; ++k) {
      const std::int64_t share = day[static_cast<std::size_t>(k)];
      knots_.push_back({.at_ns = static_cast<std::int64_t>(Wide{span_ns} * k / pieces),
                        .rate = from * (day_scale - share) + to * share});
    }
  }
}

void Curve::add_knots(const Profile& profile) {
  periodic_ = profile.repeats;
  for (const auto& point : profile.points)
    denominator_ = std::lcm(denominator_, Fraction(point.rate).per_ns);
  for (const auto& point : profile.points) {
    const Fraction rate(point.rate);
    knots_.push_back({.at_ns = point.at_ns, .rate = rate.messages * (denominator_ / rate.per_ns)});
  }
}

std::optional<Error> Curve::problem(const Rate& rate, const Arrivals& arrivals) {
  if (arrivals.shape == Arrivals::Shape::profile) return profile_bits_problem(*arrivals.profile);
  const Fraction low(arrivals.low);
  const Fraction high(rate);
  const double common = static_cast<double>(low.per_ns) /
                        static_cast<double>(std::gcd(low.per_ns, high.per_ns)) *
                        static_cast<double>(high.per_ns);
  const bool ramp = arrivals.shape == Arrivals::Shape::ramp;
  const double scale = ramp ? 1 : static_cast<double>(day_scale);
  const double most = std::max(arrivals.low.per_second(), rate.per_second()) / 1e9;
  return bits_problem(std::log2(std::max(most, 1e-9) * common * scale), std::log2(common * scale),
                      std::log2(static_cast<double>(arrivals.span.count()) /
                                (ramp ? 1 : static_cast<double>(day.size() - 1))));
}

// Messages of a segment up to u, times its length: 2 * length * the integral of the rate.
Wide Curve::reached(const Knot& from, const Knot& to, std::int64_t u) const {
  const std::int64_t length = to.at_ns - from.at_ns;
  return (Wide{2} * length * from.rate + Wide{to.rate - from.rate} * u) * u;
}

// The last nanosecond of a segment at which no more than `due` is reached: by Newton's method from
// a guess, in floating point as far as that is good for a step, then exactly.
std::int64_t Curve::solve(const Knot& from, const Knot& to, Wide due, std::int64_t guess) const {
  constexpr int most_steps = 80;  // where the rate is near 0 each one only halves the distance
  const std::int64_t length = to.at_ns - from.at_ns;
  const Wide target = (due - from.before) * length;
  std::int64_t u = guess;
  for (int i = 0; i < most_steps; ++i) {
    const auto slope =
        static_cast<double>(Wide{2} * length * from.rate + Wide{2} * (to.rate - from.rate) * u);
    const auto rest = static_cast<double>(target - reached(from, to, u));
    const double step = slope > 0 ? rest / slope : static_cast<double>(length);
    if (std::abs(step) < 1) break;
    u = static_cast<std::int64_t>(
        std::clamp(static_cast<double>(u) + std::floor(step), 0.0, static_cast<double>(length)));
  }
  while (u < length && reached(from, to, u + 1) <= target) ++u;
  while (u > 0 && reached(from, to, u) > target) --u;
  return u;
}

// For good.
std::int64_t Curve::at_last_rate() {
  const Knot& from = knots_.back();
  if (from.rate == 0) return never_ns;
  u_ns_ = narrow((due_ - from.before) / (Wide{2} * from.rate));
  return narrow(Wide{from.at_ns} + u_ns_);
}

std::int64_t Curve::place(Wide i) {
  check(i < (Wide{1} << 125) / unit_, "a message's number fits the schedule's arithmetic");
  due_ = i * unit_;
  cycle_ = 0;
  if (periodic_) {
    cycle_ = due_ / knots_.back().before;
    due_ %= knots_.back().before;
  }
  const auto above = std::upper_bound(knots_.begin(), knots_.end(), due_,
                                      [](Wide due, const Knot& knot) { return due < knot.before; });
  segment_ = static_cast<std::size_t>(above - knots_.begin()) - 1;
  const Knot& from = knots_[segment_];
  if (segment_ + 1 == knots_.size()) return at_last_rate();
  const Knot& to = knots_[segment_ + 1];
  const auto rest = static_cast<double>(due_ - from.before);
  const auto rate = static_cast<double>(from.rate);
  const double bend =
      static_cast<double>(to.rate - from.rate) / static_cast<double>(to.at_ns - from.at_ns);
  const double root = rate + std::sqrt(std::max(rate * rate + bend * rest, 0.0));
  const double guess = root > 0 ? rest / root : 0;
  u_ns_ = solve(from, to, due_,
                static_cast<std::int64_t>(
                    std::clamp(guess, 0.0, static_cast<double>(to.at_ns - from.at_ns))));
  return narrow(cycle_ * knots_.back().at_ns + from.at_ns + u_ns_);
}

std::int64_t Curve::step() {
  due_ += stride_;
  const bool last = segment_ + 1 == knots_.size();
  if (!last && due_ >= knots_[segment_ + 1].before) {
    return place((cycle_ * knots_.back().before + due_) / unit_);
  }
  if (last) return at_last_rate();
  const Knot& from = knots_[segment_];
  u_ns_ = solve(from, knots_[segment_ + 1], due_, u_ns_);
  return narrow(cycle_ * knots_.back().at_ns + from.at_ns + u_ns_);
}

Replay::Replay(const Arrivals& arrivals, std::uint64_t lanes)
    : trace_(arrivals.trace), lanes_(lanes) {}

std::int64_t Replay::offset() const {
  if (round_ > 0 && !trace_->repeats) return never_ns;
  return narrow(round_ * trace_->times_ns.back() + trace_->times_ns[k_]);
}

std::int64_t Replay::place(Wide i) {
  const Wide size = static_cast<Wide>(trace_->times_ns.size());
  round_ = i / size;
  k_ = static_cast<std::uint64_t>(i % size);
  return offset();
}

std::int64_t Replay::step() {
  k_ += lanes_;
  const std::uint64_t size = trace_->times_ns.size();
  if (k_ >= size) {
    round_ += k_ / size;
    k_ %= size;
  }
  return offset();
}

}  // namespace seatrial::measure
