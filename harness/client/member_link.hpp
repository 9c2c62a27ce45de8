// How a lane that is a member of a group tells the harness what it does.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "core/ids.hpp"

namespace seatrial {

// How a consuming lane in a process of its own tells the harness what it does. What a call has told
// outlives the process, so a lane tells that it was handed a message before it processes it. Lane's
// thread only.
class MemberLink {
 public:
  struct Delivery {
    std::int32_t partition = 0;
    std::uint32_t generation = 0;  // assignments of this process so far
    std::int64_t offset = -1;
    bool identified = true;  // false: corrupt or of another trial; then only its offset counts
    StreamId stream;
    Seq seq;
    std::int64_t intended_ns = 0;
    std::int64_t at_ns = 0;
  };
  enum class Change { assigned, revoked, lost };  // lost: the group had given them to others before

  virtual ~MemberLink() = default;
  virtual void delivered(std::span<const Delivery> batch) = 0;
  virtual void rebalanced(Change change, std::span<const std::int32_t> partitions,
                          std::uint32_t generation) = 0;
  // `offset`: the next one to read. `error`: the client's name of why it was refused; empty: it
  // holds.
  virtual void committed(std::int32_t partition, std::int64_t offset, std::uint32_t generation,
                         std::string_view error) = 0;
  // It ends with this partition read up to that offset, which would have been its next.
  virtual void read_until(std::int32_t partition, std::int64_t offset) = 0;
};

}  // namespace seatrial
