// How large messages are: `256B`, or `uniform(100B, 1KiB)` (both ends included). Seeded by the
// caller's engine, so that equal seeds give equal sizes everywhere. Makes no payload.
#pragma once

#include <boost/random/mersenne_twister.hpp>
#include <cstdint>
#include <string_view>

#include "core/result.hpp"

namespace seatrial::workloads {

using RandomEngine = boost::random::mt19937_64;

class SizeShape {
 public:
  // Refuses sizes that cannot hold a message's identity.
  static Result<SizeShape> parse(std::string_view text);

  std::uint32_t next(RandomEngine& random) const;
  [[nodiscard]] std::uint32_t least() const { return least_; }
  [[nodiscard]] std::uint32_t most() const { return most_; }

 private:
  SizeShape(std::uint32_t least, std::uint32_t most) : least_(least), most_(most) {}
  std::uint32_t least_;
  std::uint32_t most_;
};

}  // namespace seatrial::workloads
