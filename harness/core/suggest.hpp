// How error messages speak of what they were given, and the nearest valid name. Pure.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace seatrial {

inline std::string in_quotes(std::string_view text) { return "'" + std::string(text) + "'"; }

// The candidate with the least Damerau-Levenshtein distance, if that is small enough (at most a
// third of the longer name, at least 1) to be what was meant; ties go to the first in order.
std::optional<std::string> nearest(std::string_view wrong, std::span<const std::string> candidates);

// ` (did you mean 'linger.ms'?)`, or nothing.
std::string did_you_mean(std::string_view wrong, std::span<const std::string> candidates);

}  // namespace seatrial
