// arrivals: spikes(RATE, LENGTH, EVERY): at `rate`, and at RATE for the last LENGTH of each EVERY.
#include "workloads/shapes/profiles.hpp"

namespace seatrial::workloads {

Result<Spikes> parse_spikes(const ShapeCall& call) {
  const auto high = parse_profile_rate(call.arguments[0]);
  if (!high) return Error{"spikes: " + high.error().message, ""};
  const auto length = parse_duration(call.arguments[1]);
  if (!length) return Error{"spikes: " + length.error().message, ""};
  const auto every = parse_duration(call.arguments[2]);
  if (!every) return Error{"spikes: " + every.error().message, ""};
  if (*length <= nanoseconds(0)) return Error{"spikes: a spike takes a time above 0", ""};
  if (*length >= *every) {
    return Error{"spikes: a spike of " + format_duration(*length) + " does not end before the " +
                     "next one, " + format_duration(*every) + " later; shorten it",
                 ""};
  }
  return Spikes{.high = *high, .length = *length, .every = *every};
}

measure::Profile profile_of(const Spikes& spikes, const Rate& base) {
  const std::int64_t begins = (spikes.every - spikes.length).count();
  return {.points = {{0, base},
                     {begins, base},
                     {begins, spikes.high},
                     {spikes.every.count(), spikes.high}},
          .repeats = true};
}

}  // namespace seatrial::workloads
