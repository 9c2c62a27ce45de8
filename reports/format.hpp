// Values to text, for every renderer: pure functions, ASCII units, independent of locale.
// Quantities themselves are spelt by core/units.hpp; here is what to do with absent ones, widths
// and long lines.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/view.hpp"

namespace seatrial::reports {

inline constexpr std::string_view not_recorded = "not recorded";

// Absent values become `otherwise`.
std::string count_text(const View& value, std::string_view otherwise);      // 12,345
std::string duration_text(const View& ns, std::string_view otherwise);      // 1.62 s
std::string bytes_text(const View& bytes, std::string_view otherwise);      // 1.2 MiB
std::string seconds_text(const View& seconds, std::string_view otherwise);  // 10.302 s, to the ms
std::string number_text(const View& value, std::string_view otherwise);     // 18,000 or 0.0314
std::string share_text(const View& share, std::string_view otherwise);      // 0.031 -> 3.1 %
std::string decimal(double value, int max_decimals);                        // no trailing zeros

std::string join(const std::vector<std::string>& parts, std::string_view between);
std::string list_text(const View& array);   // [2, 3] -> "2, 3"
std::string pairs_text(const View& object); // {"acks": "1"} -> "acks=1"

// Widths count code points, so that names in any script line up as far as a terminal allows.
std::size_t width_of(std::string_view text);
std::string clip(std::string_view text, std::size_t width);  // ends on "..." if something was cut
std::string pad_right(std::string text, std::size_t width);
std::string pad_left(std::string text, std::size_t width);
// Lines of at most `width`; a word longer than that stays whole.
std::vector<std::string> wrap(std::string_view text, std::size_t width);
// Control characters (line breaks, escapes) as spaces: names and errors come from elsewhere.
std::string one_line(std::string_view text);

}  // namespace seatrial::reports
