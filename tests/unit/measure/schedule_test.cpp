// Schedules that change over time, against references in integers of any width: every time is the
// exact one, wherever it is looked at, and stepping agrees with jumping.
#include "measure/schedule.hpp"

#include <boost/multiprecision/cpp_int.hpp>

#include <algorithm>
#include <random>
#include <vector>

#include "core/check.hpp"
#include "measure/pacer.hpp"
#include "support/catch.hpp"

using namespace seatrial;
using measure::Arrivals;
using measure::Pacer;
using Big = boost::multiprecision::cpp_int;
using Shape = Arrivals::Shape;

namespace {

constexpr std::uint64_t trillion = 1'000'000'000'000;

Rate rate(std::string_view text) {
  return text == "0" ? Rate{} : parse_rate(text).value();
}
nanoseconds span(const char* text) { return parse_duration(text).value(); }

Arrivals ramp(const char* low, const char* over) {
  return {.shape = Shape::ramp, .span = span(over), .low = rate(low)};
}
Arrivals diurnal(const char* low, const char* over) {
  return {.shape = Shape::diurnal, .span = span(over), .low = rate(low)};
}
Arrivals bursts(std::uint64_t count, const char* over) {
  return {.shape = Shape::bursts, .burst = count, .span = span(over)};
}
Arrivals trace(std::vector<std::int64_t> times, bool repeats) {
  return {.shape = Shape::trace,
          .trace = std::make_shared<measure::Trace>(measure::Trace{std::move(times), repeats})};
}

// The definition of a curve, straight: pieces with the rates of their ends as fractions. Tells
// whether message i is intended at that nanosecond: before it less than i, by its end i or more
// have come together. All in multiples of 1 / (2 * product of denominators).
class Reference {
 public:
  Reference(const Rate& high, const Arrivals& arrivals) {
    const Big low_n = arrivals.low.messages, low_d = arrivals.low.per.count();
    const Big high_n = high.messages, high_d = high.per.count();
    const Big total = arrivals.span.count();
    std::vector<int> shares{0, 1000};
    if (arrivals.shape == Shape::diurnal) {
      shares = {0,   17,  67,  146, 250, 371, 500, 629, 750, 854, 933, 983, 1000,
                983, 933, 854, 750, 629, 500, 371, 250, 146, 67,  17,  0};
      cycle_ = total;
    }
    scale_ = low_d * high_d * 1000;
    const int pieces = static_cast<int>(shares.size()) - 1;
    for (int k = 0; k <= pieces; ++k) {
      at_.push_back(total * k / pieces);
      const int share = shares[static_cast<std::size_t>(k)];
      rate_.push_back(low_n * high_d * (1000 - share) + high_n * low_d * share);
    }
  }

  // Whether that many messages or fewer have come together at t. Multiplies by 2 * scale * the
  // piece's length, so that nothing is divided.
  [[nodiscard]] bool at_most(const Big& messages, Big t) const {
    Big left = 2 * scale_ * messages;
    if (cycle_ != 0) {
      Big round = 0;
      for (std::size_t k = 1; k < at_.size(); ++k) round += area(k);
      left -= round * (t / cycle_);
      t %= cycle_;
    }
    std::size_t k = 1;
    for (; k < at_.size() && t >= at_[k]; ++k) left -= area(k);
    if (k == at_.size()) return 2 * rate_.back() * (t - at_.back()) <= left;
    const Big u = t - at_[k - 1];
    const Big length = at_[k] - at_[k - 1];
    return (2 * rate_[k - 1] * length + (rate_[k] - rate_[k - 1]) * u) * u <= left * length;
  }
  [[nodiscard]] bool intends(std::uint64_t i, std::int64_t t) const {
    return at_most(i, t) && !at_most(i, Big(t) + 1);
  }

 private:
  [[nodiscard]] Big area(std::size_t k) const {
    return (rate_[k - 1] + rate_[k]) * (at_[k] - at_[k - 1]);
  }
  std::vector<Big> at_, rate_;
  Big scale_, cycle_ = 0;
};

// Numbers all over the first 10^12, and the stretches where something changes.
std::vector<std::uint64_t> places(std::uint64_t change) {
  std::vector<std::uint64_t> out{0, 1, 2, 3, trillion - 1, trillion};
  for (std::uint64_t i = change < 20 ? 0 : change - 20; i < change + 20; ++i) out.push_back(i);
  std::mt19937_64 random(1);
  for (std::uint64_t most = 10; most <= trillion; most *= 10) {
    for (int i = 0; i < 20; ++i) out.push_back(random() % most);
  }
  return out;
}

// 64 bits of nanoseconds end after 292 years.
bool fits(const Rate& high, double messages) { return messages / high.per_second() < 2e9; }

void check_curve(const Rate& high, const Arrivals& arrivals, std::uint64_t change) {
  REQUIRE_FALSE(measure::problem(high, arrivals));
  const Reference reference(high, arrivals);
  for (const std::uint64_t i : places(change)) {
    if (!fits(high, static_cast<double>(i))) continue;
    Pacer pacer(high, arrivals, 0, 1, 0, 0);
    pacer.skip(i);
    INFO("message " << i << " at " << pacer.next_ns());
    REQUIRE(reference.intends(i, pacer.next_ns()));
  }
}

void check_steps(const Rate& high, const Arrivals& arrivals, std::uint64_t from, int lanes) {
  if (!fits(high, static_cast<double>(from + 20'000) * lanes)) return;
  Pacer stepped(high, arrivals, lanes - 1, lanes, 77, 0);
  stepped.skip(from);
  for (int i = 0; i < 20'000; ++i) stepped.advance();
  Pacer jumped(high, arrivals, lanes - 1, lanes, 77, 0);
  jumped.skip(from + 20'000);
  CHECK(stepped.next_ns() == jumped.next_ns());
  CHECK(stepped.taken() == jumped.taken());
}

}  // namespace

TEST_CASE("schedule: each of 10^12 times of a ramp is the exact one") {
  // 45 minutes from 10/min up to 999,983/s: 1.35e9 messages, then at that rate.
  check_curve(rate("999983/s"), ramp("10/min", "45m"), 1'349'977'275);
  check_curve(rate("5000/s"), ramp("0", "30s"), 75'000);
  check_curve(rate("7/s"), ramp("400k/s", "168h"), 120'962'116'800);  // and down
}

TEST_CASE("schedule: each of 10^12 times of a diurnal curve is the exact one") {
  check_curve(rate("999983/s"), diurnal("20k/s", "24h"), 44'063'265'600);
  check_curve(rate("333/s"), diurnal("0", "10s"), 1665);
  check_curve(rate("3/min"), diurnal("2/h", "7ms"), 1);
}

TEST_CASE("schedule: every message of a day's beginning is where the integral says") {
  const Reference reference(rate("1000/s"), diurnal("100/s", "10s"));
  Pacer pacer(rate("1000/s"), diurnal("100/s", "10s"), 0, 1, 0, 0);
  for (std::uint64_t i = 0; i < 12'000; ++i) {
    REQUIRE(reference.intends(i, pacer.next_ns()));
    pacer.advance();
  }
}

TEST_CASE("schedule: stepping and jumping agree, however many lanes there are") {
  for (const int lanes : {1, 3, 1024}) {
    for (const std::uint64_t from : {std::uint64_t{0}, std::uint64_t{74'990}, trillion / 1000}) {
      check_steps(rate("5000/s"), ramp("0", "30s"), from, lanes);
      check_steps(rate("999983/s"), ramp("10/min", "45m"), from, lanes);
      check_steps(rate("2000/s"), diurnal("0", "60s"), from, lanes);
      check_steps(rate("3/min"), diurnal("2/h", "7ms"), from, lanes);
      check_steps(rate("999983/s"), bursts(1000, "0"), from, lanes);
      check_steps(rate("999983/s"), bursts(7, "5us"), from, lanes);
      check_steps(rate("1/s"), trace({3, 3, 10, 1'000'000'007}, true), from, lanes);
    }
  }
}

TEST_CASE("schedule: bursts begin where their first message is due at the rate, 10^12 on") {
  // 999,983/s in hundreds over 60 us.
  const Rate fast = rate("999983/s");
  for (const std::uint64_t i : places(100)) {
    Pacer pacer(fast, bursts(100, "60us"), 0, 1, 0, 0);
    pacer.skip(i);
    const Big begin = Big(i / 100 * 100) * 1'000'000'000 / 999'983;
    REQUIRE(pacer.next_ns() == static_cast<std::int64_t>(begin + Big(i % 100) * 60'000 / 100));
  }
}

TEST_CASE("schedule: a burst without a span is one moment") {
  Pacer pacer(rate("1000/s"), bursts(500, "0"), 0, 1, 5, 0);
  for (int i = 0; i < 2000; ++i) {
    REQUIRE(pacer.next_ns() == 5 + i / 500 * 500'000'000);
    pacer.advance();
  }
}

TEST_CASE("schedule: a trace is followed to its end, or again and again") {
  Pacer once(rate("1/s"), trace({0, 5, 5, 9}, false), 0, 1, 100, 0);
  std::vector<std::int64_t> times;
  for (int i = 0; i < 6; ++i, once.advance()) times.push_back(once.next_ns());
  CHECK(times == std::vector<std::int64_t>{100, 105, 105, 109, INT64_MAX, INT64_MAX});

  Pacer again(rate("1/s"), trace({1, 5, 9}, true), 0, 1, 100, 0);
  times.clear();
  for (int i = 0; i < 7; ++i, again.advance()) times.push_back(again.next_ns());
  CHECK(times == std::vector<std::int64_t>{101, 105, 109, 110, 114, 118, 119});
  again.skip(trillion - 7);
  CHECK(again.next_ns() == 100 + static_cast<std::int64_t>(trillion / 3) * 9 + 5);
}

TEST_CASE("schedule: lanes share a trace and bursts without loss") {
  for (const Arrivals& arrivals : {trace({1, 5, 9, 9, 20}, true), bursts(7, "100ms"),
                                   ramp("10/s", "3s"), diurnal("1/s", "2s")}) {
    std::vector<std::int64_t> together, alone;
    for (int lane = 0; lane < 4; ++lane) {
      Pacer pacer(rate("50/s"), arrivals, lane, 4, 0, 0);
      for (int i = 0; i < 100; ++i, pacer.advance()) together.push_back(pacer.next_ns());
    }
    Pacer pacer(rate("50/s"), arrivals, 0, 1, 0, 0);
    for (int i = 0; i < 400; ++i, pacer.advance()) alone.push_back(pacer.next_ns());
    std::sort(together.begin(), together.end());
    CHECK(together == alone);
  }
}

namespace {

Arrivals profile(std::vector<measure::Profile::Point> points, bool repeats) {
  return {
      .shape = Shape::profile,
      .profile = std::make_shared<measure::Profile>(measure::Profile{std::move(points), repeats})};
}

// Whether fewer than i messages have come together before `t`, and i or more by the end of that
// nanosecond: the integral of the rate, in multiples of 1 / (2 * scale).
bool is_where_integral_says(const measure::Profile& of, std::uint64_t i, std::int64_t t) {
  Big scale = 1;
  for (const auto& point : of.points) scale *= point.rate.per.count();
  const auto by = [&](std::int64_t at) {
    Big sum = 0;  // times twice each segment's length
    Big factor = 1;
    for (std::size_t k = 1; k < of.points.size(); ++k) {
      const Big length = of.points[k].at_ns - of.points[k - 1].at_ns;
      if (length > 0) factor *= length;
    }
    const auto rate_at = [&](const measure::Profile::Point& point) {
      return Big(point.rate.messages) * scale / point.rate.per.count();
    };
    for (std::size_t k = 1; k < of.points.size(); ++k) {
      const auto& from = of.points[k - 1];
      const auto& to = of.points[k];
      const std::int64_t within = std::min(at, to.at_ns) - from.at_ns;
      if (within <= 0) continue;
      const Big length = to.at_ns - from.at_ns;
      const Big a = rate_at(from), b = rate_at(to);
      sum += (2 * length * a * within + (b - a) * within * within) * (factor / length);
    }
    const auto& last = of.points.back();
    if (at > last.at_ns) sum += 2 * factor * rate_at(last) * (at - last.at_ns);
    return std::pair<Big, Big>(sum, 2 * scale * factor * i);
  };
  const auto [before, due] = by(t);
  const auto [after, same] = by(t + 1);
  return before <= due && after > same;
}

}  // namespace

TEST_CASE("schedule: each time of a profile is where the integral of its rate says") {
  const auto steps = profile({{0, rate("100/s")},
                              {30'000'000'000, rate("100/s")},
                              {30'000'000'000, rate("7/min")},
                              {60'000'000'000, rate("7/min")},
                              {60'000'000'000, rate("333.3/s")}},
                             false);
  const auto lines = profile({{0, rate("0")},
                              {10'000'000'000, rate("500/s")},
                              {12'345'678'901, rate("20/s")},
                              {20'000'000'000, rate("1000/s")}},
                             false);
  for (const auto& arrivals : {steps, lines}) {
    const Rate mean = measure::rate_of(*arrivals.profile);
    REQUIRE_FALSE(measure::problem(mean, arrivals));
    Pacer pacer(mean, arrivals, 0, 1, 0, 0);
    for (std::uint64_t i = 0; i < 12'000; ++i, pacer.advance()) {
      INFO("message " << i << " at " << pacer.next_ns());
      REQUIRE(is_where_integral_says(*arrivals.profile, i, pacer.next_ns()));
    }
  }
}

TEST_CASE("schedule: a profile offers its integral, repeats, rests and ends") {
  const auto offered = [](const Arrivals& arrivals, const char* within) {
    const Rate mean = measure::rate_of(*arrivals.profile);
    REQUIRE_FALSE(measure::problem(mean, arrivals));
    return measure::offered_messages(mean, arrivals, span(within));
  };
  constexpr std::int64_t second = 1'000'000'000;
  const std::vector<measure::Profile::Point> pulse{{0, rate("10/s")},
                                                   {2 * second, rate("10/s")},
                                                   {2 * second, rate("0")},
                                                   {5 * second, rate("0")}};
  CHECK(offered(profile(pulse, true), "5s") == 20);
  CHECK(offered(profile(pulse, true), "2s") == 20);
  CHECK(offered(profile(pulse, true), "50s") == 200);
  CHECK(measure::rate_of(*profile(pulse, true).profile).per_second() == Approx(4));
  CHECK(offered(profile(pulse, false), "1h") == 20);  // and then nothing for good
  const auto rest = profile({{0, rate("10/s")},
                             {second, rate("10/s")},
                             {second, rate("0")},
                             {9 * second, rate("0")},
                             {9 * second, rate("5/s")}},
                            false);
  CHECK(offered(rest, "9s") == 10);
  CHECK(offered(rest, "11s") == 20);
  CHECK(offered(profile({{0, rate("3/s")}}, false), "10s") == 30);
  std::vector<std::int64_t> together, alone;
  for (int lane = 0; lane < 3; ++lane) {
    Pacer pacer(rate("4/s"), profile(pulse, true), lane, 3, 0, 0);
    for (int i = 0; i < 50; ++i, pacer.advance()) together.push_back(pacer.next_ns());
  }
  Pacer pacer(rate("4/s"), profile(pulse, true), 0, 1, 0, 0);
  for (int i = 0; i < 150; ++i, pacer.advance()) alone.push_back(pacer.next_ns());
  std::sort(together.begin(), together.end());
  CHECK(together == alone);
  CHECK(measure::problem(rate("1/s"), profile({{0, rate("1/s")}}, true))->message ==
        "repeats after no time");
}

TEST_CASE("schedule: what falls due in a time is what the schedule holds") {
  const auto offered = [](const char* high, const Arrivals& arrivals, const char* within) {
    return measure::offered_messages(rate(high), arrivals, span(within));
  };
  CHECK(offered("100/s", Arrivals::constant, "10s") == Approx(1000));
  CHECK(offered("100/s", Arrivals::poisson, "10s") == Approx(1000));
  CHECK(offered("max", Arrivals::constant, "10s") == 0);
  CHECK(offered("100/s", ramp("0", "10s"), "10s") == 500);
  CHECK(offered("100/s", ramp("0", "10s"), "20s") == 1500);
  CHECK(offered("100/s", ramp("200/s", "10s"), "10s") == 1500);
  CHECK(offered("100/s", diurnal("20/s", "10s"), "10s") == 600);
  CHECK(offered("100/s", diurnal("20/s", "10s"), "30s") == 1800);
  CHECK(offered("100/s", bursts(50, "0"), "600ms") == 100);
  CHECK(offered("1/s", trace({1, 5, 9}, false), "10s") == 3);
  CHECK(offered("1/s", trace({1, 5, 9}, true), "18ns") == 5);
  CHECK(offered("1/s", trace({1, 5, 9}, true), "0") == 0);
}

TEST_CASE("schedule: what would be due after all times is never due") {
  CHECK(measure::offered_messages(rate("1/h"), bursts(3'000'000, "0"), span("10s")) == 3'000'000);
  CHECK(measure::offered_messages(rate("100/s"), bursts(1'000'000'000'000, "0"), span("10s")) ==
        1e12);
  const std::int64_t last = INT64_MAX;
  CHECK(measure::offered_messages(rate("1/s"), trace({1, last}, true), span("10s")) == 1);
  Pacer pacer(rate("1/s"), trace({1, last}, false), 0, 1, 1000, 0);
  pacer.advance();
  CHECK(pacer.next_ns() == INT64_MAX);
  Pacer second_of_two({.messages = 1, .per = nanoseconds(INT64_MAX)}, Arrivals::constant, 1, 2,
                      1000, 0);
  CHECK(second_of_two.next_ns() == INT64_MAX);
}

TEST_CASE("schedule: what has no exact schedule is refused with a reason") {
  const auto refused = [](const char* high, const Arrivals& arrivals) {
    const auto wrong = measure::problem(rate(high), arrivals);
    return wrong ? wrong->message : std::string();
  };
  CHECK(refused("max", Arrivals::poisson).find("closed loop") != std::string::npos);
  CHECK(refused("max", Arrivals::constant).empty());
  CHECK(refused("100/s", bursts(10, "101ms")).find("next one, 100 ms") != std::string::npos);
  CHECK(refused("100/s", bursts(10, "100ms")).empty());
  CHECK(refused("100/s", ramp("max", "1s")).find("not at max") != std::string::npos);
  CHECK(refused("100/s", ramp("1/s", "0")).find("above 0") != std::string::npos);
  CHECK(refused("100/s", diurnal("101/s", "1h")).find("lowest") != std::string::npos);
  CHECK(refused("999983/s", ramp("1234567/h", "100000h")).find("128 bits") != std::string::npos);
  CHECK_THROWS_AS(Pacer(rate("100/s"), bursts(10, "101ms"), 0, 1, 0, 0), InvariantBroken);
}

TEST_CASE("schedule: gaps and times of a file give the same trace") {
  const auto gaps =
      measure::read_trace("# a recording\n0\n5ms\n\n 4ms \r\n", measure::TraceKind::gaps);
  const auto times = measure::read_trace("0\n5ms\n9ms", measure::TraceKind::times);
  REQUIRE(gaps);
  REQUIRE(times);
  CHECK(gaps->times_ns == times->times_ns);
  CHECK(gaps->times_ns == std::vector<std::int64_t>{0, 5'000'000, 9'000'000});
  CHECK(measure::rate_of(*gaps).per_second() == Approx(333.333));
}

TEST_CASE("schedule: a wrong line of a trace is named") {
  using measure::TraceKind;
  const auto wrong = [](const char* text, TraceKind kind) {
    const auto trace = measure::read_trace(text, kind);
    REQUIRE_FALSE(trace);
    return trace.error().message;
  };
  CHECK(wrong("1ms\n2\n", TraceKind::gaps).starts_with("line 2: "));
  CHECK(wrong("1ms\n#\n-2ms\n", TraceKind::gaps).starts_with("line 3: "));
  CHECK(wrong("2ms\n1ms\n", TraceKind::times) == "line 2: '1ms' is before the line above it");
  CHECK(wrong("# nothing\n", TraceKind::times).find("no line") != std::string::npos);
  CHECK(wrong("0\n0\n", TraceKind::times).find("no rate") != std::string::npos);
  CHECK(wrong("100000d\n100000d\n", TraceKind::gaps).find("292 years") != std::string::npos);
}
