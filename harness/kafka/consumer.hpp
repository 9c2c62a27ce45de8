// Leaving a consumer group in bounded time, and asking what it has committed.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "core/ids.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "kafka/handle.hpp"

namespace seatrial::kafka {

enum class Closing {
  clean,      // offsets committed, group left
  abandoned,  // no answer in time: the group will notice by its session timeout, and what the
              // client holds is freed later, on a thread of its own
};

// Closes and destroys a consumer; `client` is empty afterwards, and still set while rebalance
// callbacks run, on the calling thread. Queues of the consumer must be gone before.
[[nodiscard]] Closing close_consumer(ClientHandle& client, nanoseconds budget);

// The offsets that the group's coordinator holds for a topic's partitions [0, partitions); those
// without one are left out. By a client that is no member of the group.
[[nodiscard]] Result<std::map<TopicPartition, std::int64_t>> committed_offsets(
    const std::string& bootstrap, const std::string& group, const std::string& topic,
    int partitions, nanoseconds budget);

}  // namespace seatrial::kafka
