// The finaliser of SplitMix64 (G. Steele, D. Lea and C. Flood, Fast splittable pseudorandom number
// generators, OOPSLA 2014): neighbouring inputs give unrelated outputs. Add `golden_gamma`, or a
// multiple of it, to tell inputs apart that may be 0. Pure.
#pragma once

#include <cstdint>

namespace seatrial {

inline constexpr std::uint64_t golden_gamma = 0x9e37'79b9'7f4a'7c15;

constexpr std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58'476d'1ce4'e5b9;
  x = (x ^ (x >> 27)) * 0x94d0'49bb'1331'11eb;
  return x ^ (x >> 31);
}

}  // namespace seatrial
