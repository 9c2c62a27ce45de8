// The nearest valid name, for error messages. Pure.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace seatrial {

// The candidate with the least Damerau-Levenshtein distance, if that is small enough (at most a
// third of the longer name, at least 1) to be what was meant; ties go to the first in order.
std::optional<std::string> nearest(std::string_view wrong, std::span<const std::string> candidates);

// ` (did you mean 'linger.ms'?)`, or nothing.
std::string did_you_mean(std::string_view wrong, std::span<const std::string> candidates);

}  // namespace seatrial
