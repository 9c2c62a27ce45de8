// The pool, made once, and the window that moves over it.
#include "workloads/payload.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "workloads/shapes/size.hpp"

namespace seatrial::workloads {
namespace {

constexpr std::size_t pool_bytes = 4 << 20;  // larger than a batch: none holds a part twice
constexpr std::size_t block_bytes = 64;      // of which the first share is random

}  // namespace

Payloads::Payloads(double entropy, std::uint32_t most, std::uint64_t seed)
    : pool_(std::max<std::size_t>(pool_bytes, 2 * std::size_t{most}), std::byte{'.'}) {
  RandomEngine random(seed);
  const double random_bytes = std::clamp(entropy, 0.0, 1.0) * block_bytes;
  const auto share = static_cast<std::size_t>(std::lround(random_bytes));
  for (std::size_t block = 0; block + block_bytes <= pool_.size(); block += block_bytes) {
    for (std::size_t i = 0; i < share; ++i) pool_[block + i] = static_cast<std::byte>(random());
  }
}

void Payloads::fill(std::span<std::byte> value, const ledger::Identity& identity) {
  const std::size_t filler = value.size() - ledger::identity_bytes;
  if (next_ + filler > pool_.size()) next_ = 0;
  std::memcpy(value.data() + ledger::identity_bytes, pool_.data() + next_, filler);
  next_ += filler;
  ledger::stamp(value, identity);
}

}  // namespace seatrial::workloads
