// Leaving a consumer group in bounded time, and asking what it has committed.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <stop_token>
#include <string>

#include "core/ids.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "kafka/access.hpp"
#include "kafka/handle.hpp"

namespace seatrial::kafka {

enum class Closing {
  clean,      // offsets committed, group left
  abandoned,  // no answer in time: the group will notice by its session timeout, and what the
              // client holds is freed later, on a thread of its own
};

// Closes and destroys a consumer; `client` is empty afterwards. Messages that it had fetched are
// dropped, and none of its callbacks is called: what it still commits is told to `on_commit`, with
// null for no offsets. Queues of the consumer must be gone before.
using OnCommit = std::function<void(rd_kafka_resp_err_t, rd_kafka_topic_partition_list_t*)>;
[[nodiscard]] Closing close_consumer(ClientHandle& client, nanoseconds budget,
                                     const OnCommit& on_commit = {});

// The offsets that the group's coordinator holds for a topic's partitions [0, partitions); those
// without one are left out. By a client that is no member of the group. `stop` ends the wait within
// a second or so.
[[nodiscard]] Result<std::map<TopicPartition, std::int64_t>> committed_offsets(
    const Access& access, const std::string& group, const std::string& topic, int partitions,
    nanoseconds budget, const std::stop_token& stop = {});

// Whether a client with these settings has to find its first position itself: see below.
[[nodiscard]] bool resets_by_error(const std::map<std::string, std::string>& properties);

// What an application has to do itself under auto.offset.reset=error, where a group without offsets
// gets no position but an error: of newly assigned partitions, those for which the group has
// committed nothing are given the log's start. If nobody answers within the budget they are left as
// they are. May be called from within a rebalance.
void begin_at_start(rd_kafka_t& client, rd_kafka_topic_partition_list_t& assigned,
                    nanoseconds budget);

}  // namespace seatrial::kafka
