// Exact intended times: integer arithmetic for constant gaps, fixed point for drawn ones.
#include "measure/pacer.hpp"

#include <boost/random/exponential_distribution.hpp>
#include <boost/random/mersenne_twister.hpp>

#include <algorithm>
#include <cmath>
#include <type_traits>
#include <variant>

#include "core/check.hpp"
#include "measure/schedule.hpp"

namespace seatrial::measure {

namespace {

constexpr double two_to_32 = 4294967296.0;

// Neighbouring seeds and lanes must not give related streams.
std::uint64_t mixed(std::uint64_t seed, std::uint64_t index) {
  std::uint64_t x = seed + (index + 1) * 0x9e3779b97f4a7c15;
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
  x = (x ^ x >> 27) * 0x94d049bb133111eb;
  return x ^ x >> 31;
}

struct Division {
  std::int64_t quotient = 0;
  std::uint64_t remainder = 0;
};

// What is beyond all times is never_ns.
Division divide(Wide numerator, std::uint64_t denominator) {
  const Wide quotient = std::min<Wide>(numerator / denominator, never_ns);
  return {.quotient = static_cast<std::int64_t>(quotient),
          .remainder = static_cast<std::uint64_t>(numerator % denominator)};
}

std::int64_t after(std::int64_t t0_ns, std::int64_t offset_ns) {
  return offset_ns < never_ns - std::max<std::int64_t>(t0_ns, 0) ? t0_ns + offset_ns : never_ns;
}

}  // namespace

std::int64_t constant_intended_ns(const Rate& rate, std::uint64_t i, std::int64_t t0_ns) {
  return t0_ns + even_offset_ns(rate, i);
}

struct Pacer::Poisson {
  boost::random::mt19937_64 engine;
  boost::random::exponential_distribution<double> gap;  // of mean 1
  double mean_ns = 0;
  std::uint32_t fraction = 0;  // of next_ns_, in 2^-32 ns

  // Whole nanoseconds to go on; the rest stays in `fraction`.
  std::int64_t draw() {
    // Splitting a double is exact, and its fraction is rounded to the nearest unit: the sum of any
    // number of gaps is as long as their mean says, to one part in 10^15.
    const double length = gap(engine) * mean_ns;
    const double whole = std::floor(length);
    const auto units = std::uint64_t{fraction} +
                       static_cast<std::uint64_t>(std::llround((length - whole) * two_to_32));
    fraction = static_cast<std::uint32_t>(units);
    return static_cast<std::int64_t>(whole) + static_cast<std::int64_t>(units >> 32);
  }
};

struct Pacer::Shaped {
  std::variant<Poisson, Bursts, Curve, Replay> shape;
};

Pacer::Pacer(Rate rate, const Arrivals& arrivals, int index, int lanes, std::int64_t t0_ns,
             std::uint64_t seed)
    : rate_(rate), t0_ns_(t0_ns) {
  check(!rate.unlimited, "the closed loop has no pacer");
  check(rate.messages > 0 && rate.messages <= (std::uint64_t{1} << 62) && rate.per.count() > 0,
        "a paced rate is a positive number of messages over a positive time");
  check(lanes > 0 && index >= 0 && index < lanes, "a pacer's lane is one of its lanes");
  index_ = static_cast<std::uint64_t>(index);
  lanes_ = static_cast<std::uint64_t>(lanes);
  if (const auto wrong = problem(rate, arrivals)) check(false, wrong->message);
  const Wide step = Wide{lanes_} * rate.per.count();
  switch (arrivals.shape) {
    case Arrivals::Shape::constant: {
      const Division one = divide(step, rate.messages);
      // Longer ones never end, and half of all time may be added to any time of today.
      step_ns_ = std::min(one.quotient, never_ns / 2);
      step_remainder_ = one.remainder;
      divisor_ = rate.messages;
      place_constant();
      return;
    }
    case Arrivals::Shape::poisson: {
      Poisson poisson;
      poisson.engine.seed(mixed(seed, index_));
      poisson.mean_ns = static_cast<double>(step) / static_cast<double>(rate.messages);
      next_ns_ = t0_ns_ + poisson.draw();
      shaped_ = std::make_unique<Shaped>(Shaped{std::move(poisson)});
      return;
    }
    case Arrivals::Shape::bursts:
      shaped_ = std::make_unique<Shaped>(Shaped{Bursts(rate, arrivals, lanes_)});
      break;
    case Arrivals::Shape::ramp:
    case Arrivals::Shape::diurnal:
    case Arrivals::Shape::profile:
      shaped_ = std::make_unique<Shaped>(Shaped{Curve(rate, arrivals, lanes_)});
      break;
    case Arrivals::Shape::trace:
      shaped_ = std::make_unique<Shaped>(Shaped{Replay(arrivals, lanes_)});
      break;
  }
  skip(0);
}

Pacer::~Pacer() = default;
Pacer::Pacer(Pacer&&) noexcept = default;
Pacer& Pacer::operator=(Pacer&&) noexcept = default;

void Pacer::place_constant() {
  const Wide i = Wide{taken_} * lanes_ + index_;
  const Division at = divide(i * rate_.per.count(), rate_.messages);
  next_ns_ = after(t0_ns_, at.quotient);
  remainder_ = at.remainder;
}

void Pacer::advance_shaped() {
  std::visit(
      [this](auto& shape) {
        if constexpr (std::is_same_v<std::decay_t<decltype(shape)>, Poisson>) {
          next_ns_ += shape.draw();
        } else {
          next_ns_ = after(t0_ns_, shape.step());
        }
      },
      shaped_->shape);
}

void Pacer::skip(std::uint64_t count) {
  if (!shaped_) {
    taken_ += count;
    place_constant();
    return;
  }
  std::visit(
      [this, count](auto& shape) {
        if constexpr (std::is_same_v<std::decay_t<decltype(shape)>, Poisson>) {
          for (std::uint64_t i = 0; i < count; ++i) next_ns_ += shape.draw();
        } else {
          next_ns_ = after(t0_ns_, shape.place(Wide{taken_ + count} * lanes_ + index_));
        }
      },
      shaped_->shape);
  taken_ += count;
}

}  // namespace seatrial::measure
