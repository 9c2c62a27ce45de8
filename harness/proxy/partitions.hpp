// Which partitions a request is about: of Produce, Fetch and ListOffsets, whose bodies say so.
// Pure: any bytes may be given, and no count or length among them is believed beyond what is there.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "core/topic_id.hpp"
#include "proxy/framing.hpp"

namespace seatrial::proxy {

// A topic has a name, or from Produce v13 and Fetch v13 on an id; the other is empty.
struct AskedPartition {
  std::string topic;
  std::optional<TopicId> id{};
  std::int32_t partition = 0;
  friend auto operator<=>(const AskedPartition&, const AskedPartition&) = default;
};
using Partitions = std::set<AskedPartition>;

struct AskedPartitions {
  Partitions all;
  // Of Fetch from v7 on: the session, and what it shall be about no more (KIP-227).
  Partitions forgotten{};
  std::int32_t session = 0, epoch = -1;
};

[[nodiscard]] bool names_partitions(std::int16_t api);

// Of a whole frame and its header; nothing of another API, of a version that is not known here
// (Produce up to v13, Fetch up to v18, ListOffsets up to v11), and of what is no such request.
[[nodiscard]] std::optional<AskedPartitions> asked_partitions(const RequestHeader& header,
                                                              BytesView frame);

// What a connection's Fetch requests are about: within a session each names only what changed.
class FetchSession {
 public:
  static constexpr std::int16_t first_version = 7;
  // Of the next request: all that it is about. Null: of a session that began on another connection,
  // of which nobody here knows.
  const Partitions* after(AskedPartitions request);
  // A request could not be read.
  void lose() { begun_ = false; }

 private:
  bool begun_ = false;
  std::int32_t id_ = 0;  // 0: the broker has not told it yet
  Partitions all_;
};

}  // namespace seatrial::proxy
