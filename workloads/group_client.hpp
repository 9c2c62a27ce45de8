// The client of a lane that reads as a member of a consumer group: what it is configured with, its
// subscription, the partitions that it is given and that are taken from it, its commits, and its
// end. The lane polls through it, and says what that means for its messages.
//
// One thread at a time. Hooks are called from within `poll`, `commit_sync` and `close`, and of
// these `close` calls `committed` only: partitions that it gives up do not move. What hooks throw
// comes out of the next `poll`, or stays in `events` after `close`.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "client/lane.hpp"
#include "core/check.hpp"
#include "kafka/config.hpp"
#include "kafka/consumer.hpp"
#include "workloads/client_events.hpp"

namespace seatrial::workloads {

// When a member commits what it read.
enum class Commit {
  automatic,  // the library's own: offsets count as done once handed over
  after,      // stored once processed, committed in the background
  sync,       // each batch, once processed, waiting for the answer
  before,     // each batch, before it is processed, waiting for the answer
};

// What commits demand of the client's properties, and what every reading lane does.
[[nodiscard]] kafka::Properties reading_properties(const std::string& group, Commit commit,
                                                   const kafka::Properties& properties);

using NextOffsets = std::map<std::int32_t, std::int64_t>;  // by partition: the one to read next

class GroupClient {
 public:
  // Who answered a commit: one that was waited for, or the library, which tries again by itself.
  enum class Answer { awaited, background };
  struct Hooks {
    // Before the library is told. Partitions that go are those of messages that may be at hand:
    // the lane finishes them first.
    std::function<void(MemberLink::Change change, std::span<const std::int32_t> partitions)> moves;
    // `offsets` may be null. An offset below 0 is none.
    std::function<void(Answer answer, rd_kafka_resp_err_t error,
                       const rd_kafka_topic_partition_list_t* offsets)>
        committed;
  };

  // Throws InfrastructureError if no client can be made of the properties, to which the bootstrap
  // servers are added. Keeps `lane` and `events`.
  GroupClient(const LaneContext& lane, kafka::Properties properties, ClientEvents& events,
              Hooks hooks);
  ~GroupClient() { close(); }
  GroupClient(const GroupClient&) = delete;
  GroupClient& operator=(const GroupClient&) = delete;

  // Throws InfrastructureError if it is refused.
  void subscribe();
  void unsubscribe();
  // A message, an end of a partition or an error; null if nothing came in time.
  [[nodiscard]] kafka::MessageHandle poll(int timeout_ms);
  // Notes where a message, or the end of a partition, leaves its partition's position.
  void advance(const rd_kafka_message_t& message);
  // Of partitions that are assigned now, where anything was read of them.
  [[nodiscard]] const NextOffsets& positions() const { return positions_; }

  // Stores offsets for the library to commit. Refused of a partition that was taken away meanwhile.
  [[nodiscard]] rd_kafka_resp_err_t store(const NextOffsets& next);
  // The library's own blocking commit has no deadline; this one gives up when the trial has ended.
  // The answer goes to the hook.
  void commit_sync(const NextOffsets& next);
  // Leaves the group and ends the client; once. Answers to its last commits go to the hook.
  void close();

  [[nodiscard]] const kafka::Properties& effective_config() const { return effective_config_; }

 private:
  [[nodiscard]] InfrastructureError failure(const std::string& what) const;
  [[nodiscard]] kafka::ConfHandle make_conf(const kafka::Properties& properties);
  [[nodiscard]] kafka::PartitionListHandle list_of(const NextOffsets& next) const;
  void rebalance(rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t* partitions);
  void take_over(rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t* partitions);

  const LaneContext& lane_;
  ClientEvents& events_;
  Hooks hooks_;
  std::string group_;
  kafka::Properties effective_config_;
  NextOffsets positions_;
  // Before its queue, which has to go first; after what its callbacks touch.
  kafka::ClientHandle client_;
  kafka::QueueHandle commits_;
};

// A sentence for each kind of refusal.
void add_refusals(const std::map<rd_kafka_resp_err_t, std::uint64_t>& refused,
                  std::vector<std::string>& notes);

}  // namespace seatrial::workloads
