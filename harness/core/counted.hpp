// A number of things in words.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace seatrial {

// 1 trial, 2,000 trials; `many` where an s does not make the plural.
[[nodiscard]] std::string counted(std::uint64_t n, std::string_view one,
                                  std::string_view many = {});

}  // namespace seatrial
