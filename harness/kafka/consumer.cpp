// Closing through a queue of its own, since the library's plain close has no deadline.
#include "kafka/consumer.hpp"

#include <algorithm>
#include <chrono>
#include <string_view>
#include <thread>

#include "kafka/config.hpp"

namespace seatrial::kafka {

namespace {

// The group takes the partitions back; until they are given up it cannot be left.
void give_up(rd_kafka_t& client, rd_kafka_event_t& rebalance) {
  const char* protocol = rd_kafka_rebalance_protocol(&client);
  auto* const taken = rd_kafka_event_topic_partition_list(&rebalance);
  if (taken != nullptr && protocol != nullptr && std::string_view(protocol) == "COOPERATIVE") {
    const ErrorHandle error(rd_kafka_incremental_unassign(&client, taken));
    if (!error) return;
  }
  static_cast<void>(rd_kafka_assign(&client, nullptr));  // on its way out: nothing is left to do
}

}  // namespace

// With events, not callbacks: messages that were fetched already come out of the queue as well, and
// librdkafka 2.0.2 asserts that a callback takes whatever comes.
Closing close_consumer(ClientHandle& client, nanoseconds budget, const OnCommit& on_commit) {
  const Instant deadline = now() + budget;
  bool closed = false;
  {
    const QueueHandle queue(rd_kafka_queue_new(client.get()));
    const ErrorHandle error(rd_kafka_consumer_close_queue(client.get(), queue.get()));
    const bool closing = error == nullptr;  // not if a fatal error took its group away
    while (closing && (closed || now() < deadline)) {
      const EventHandle event(rd_kafka_queue_poll(queue.get(), closed ? 0 : 20));
      if (closed && !event) break;  // what came with the end is still told
      const auto type = event ? rd_kafka_event_type(event.get()) : RD_KAFKA_EVENT_NONE;
      if (type == RD_KAFKA_EVENT_REBALANCE) give_up(*client, *event);
      if (type == RD_KAFKA_EVENT_OFFSET_COMMIT && on_commit) {
        on_commit(rd_kafka_event_error(event.get()),
                  rd_kafka_event_topic_partition_list(event.get()));
      }
      closed = rd_kafka_consumer_closed(client.get()) != 0;
    }
  }
  if (closed) {
    client.reset();
    return Closing::clean;
  }
  // Without another wait for the coordinator; still, the library waits for requests under way, up
  // to socket.timeout.ms if a broker hangs. Nobody needs the result, and no callback runs any more.
  std::thread([raw = client.release()] {
    rd_kafka_destroy_flags(raw, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
  }).detach();
  return Closing::abandoned;
}

Result<std::map<TopicPartition, std::int64_t>> committed_offsets(const Access& access,
                                                                 const std::string& group,
                                                                 const std::string& topic,
                                                                 int partitions, nanoseconds budget,
                                                                 const std::stop_token& stop) {
  auto conf = make_conf(access.with({{"group.id", group}}));
  if (!conf) return conf.error();
  rd_kafka_conf_set_log_cb(conf->get(), nullptr);
  auto client = make_client(ClientType::consumer, std::move(*conf));
  if (!client) return client.error();
  const PartitionListHandle asked(rd_kafka_topic_partition_list_new(partitions));
  for (int p = 0; p < partitions; ++p) {
    rd_kafka_topic_partition_list_add(asked.get(), topic.c_str(), p);
  }
  constexpr nanoseconds slice = seconds(1);  // between looks at `stop`
  const Instant deadline = now() + budget;
  auto error = RD_KAFKA_RESP_ERR__TIMED_OUT;
  do {
    const auto left = std::clamp<nanoseconds>(deadline - now(), milliseconds(1), slice);
    const auto ms = std::chrono::ceil<milliseconds>(left).count();
    error = rd_kafka_committed(client->get(), asked.get(), static_cast<int>(ms));
  } while (error == RD_KAFKA_RESP_ERR__TIMED_OUT && now() < deadline && !stop.stop_requested());
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return Error{"the committed offsets of group '" + group +
                     "' could not be read: " + rd_kafka_err2str(error),
                 ""};
  }
  std::map<TopicPartition, std::int64_t> out;
  for (int i = 0; i < asked->cnt; ++i) {
    const auto& one = asked->elems[i];
    if (one.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return Error{"the committed offset of " + topic + "/" + std::to_string(one.partition) +
                       " in group '" + group + "' could not be read: " + rd_kafka_err2str(one.err),
                   ""};
    }
    if (one.offset >= 0) out[{topic, one.partition}] = one.offset;
  }
  return out;
}

bool resets_by_error(const Properties& properties) {
  const auto reset = properties.find("auto.offset.reset");
  return reset != properties.end() && reset->second == "error";
}

void begin_at_start(rd_kafka_t& client, rd_kafka_topic_partition_list_t& assigned,
                    nanoseconds budget) {
  const PartitionListHandle asked(rd_kafka_topic_partition_list_copy(&assigned));
  const auto ms = std::chrono::duration_cast<milliseconds>(budget).count();
  if (rd_kafka_committed(&client, asked.get(), static_cast<int>(ms)) != RD_KAFKA_RESP_ERR_NO_ERROR)
    return;
  for (int i = 0; i < assigned.cnt; ++i) {
    auto& one = assigned.elems[i];
    const auto* held = rd_kafka_topic_partition_list_find(asked.get(), one.topic, one.partition);
    const bool none =
        held != nullptr && held->err == RD_KAFKA_RESP_ERR_NO_ERROR && held->offset < 0;
    if (none) one.offset = RD_KAFKA_OFFSET_BEGINNING;
  }
}

}  // namespace seatrial::kafka
