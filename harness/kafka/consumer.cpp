// Closing through a queue of its own, since the library's plain close has no deadline.
#include "kafka/consumer.hpp"

#include <chrono>
#include <thread>

#include "kafka/config.hpp"

namespace seatrial::kafka {

Closing close_consumer(ClientHandle& client, nanoseconds budget) {
  const Instant deadline = now() + budget;
  bool closed = false;
  {
    const QueueHandle queue(rd_kafka_queue_new(client.get()));
    const ErrorHandle error(rd_kafka_consumer_close_queue(client.get(), queue.get()));
    const bool closing = error == nullptr;  // not if a fatal error took its group away
    while (closing && !closed && now() < deadline) {
      rd_kafka_queue_poll_callback(queue.get(), 20);
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

Result<std::map<TopicPartition, std::int64_t>> committed_offsets(const std::string& bootstrap,
                                                                 const std::string& group,
                                                                 const std::string& topic,
                                                                 int partitions,
                                                                 nanoseconds budget) {
  auto conf = make_conf({{"bootstrap.servers", bootstrap}, {"group.id", group}});
  if (!conf) return conf.error();
  rd_kafka_conf_set_log_cb(conf->get(), nullptr);
  auto client = make_client(ClientType::consumer, std::move(*conf));
  if (!client) return client.error();
  const PartitionListHandle asked(rd_kafka_topic_partition_list_new(partitions));
  for (int p = 0; p < partitions; ++p) {
    rd_kafka_topic_partition_list_add(asked.get(), topic.c_str(), p);
  }
  const auto ms = std::chrono::duration_cast<milliseconds>(budget).count();
  const auto error = rd_kafka_committed(client->get(), asked.get(), static_cast<int>(ms));
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

}  // namespace seatrial::kafka
