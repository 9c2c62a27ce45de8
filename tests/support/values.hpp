// Values that tests of measuring and of the ledger write down.
#pragma once

#include <cstdint>

#include "core/ids.hpp"
#include "core/interval_set.hpp"

namespace seatrial::test {

inline const TopicPartition p0{"orders", 0};

constexpr std::int64_t ms = 1'000'000;  // in nanoseconds

// [begin, end)
inline IntervalSet range(std::uint64_t begin, std::uint64_t end) {
  IntervalSet out;
  out.insert(begin, end);
  return out;
}

}  // namespace seatrial::test
