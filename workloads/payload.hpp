// Message values: filler of chosen compressibility with the identity stamped over its head. The
// filler of successive messages is a moving window over one pool, so that messages near each other
// share none of it and a compressor finds only what `entropy` leaves it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "ledger/identity.hpp"

namespace seatrial::workloads {

class Payloads {
 public:
  // entropy: the share of random bytes, 0 to 1; the rest is one constant. most: the largest
  // message.
  Payloads(double entropy, std::uint32_t most, std::uint64_t seed);
  // Fills `value` and stamps `identity` into it.
  void fill(std::span<std::byte> value, const ledger::Identity& identity);

 private:
  std::vector<std::byte> pool_;
  std::size_t next_ = 0;
};

}  // namespace seatrial::workloads
