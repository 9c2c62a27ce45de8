// Asked through a consumer that never joins the group.
#include "kafka/group_offsets.hpp"

#include <thread>

#include "kafka/config.hpp"

namespace seatrial::kafka {
namespace {

constexpr int attempt_ms = 2000;
constexpr auto pause = milliseconds(100);

}  // namespace

Result<std::map<std::int32_t, std::int64_t>> committed_offsets(const std::string& bootstrap,
                                                               const std::string& group,
                                                               const std::string& topic,
                                                               int partitions, Instant deadline) {
  // Under read_committed the coordinator is asked for stable offsets: it refuses, for the time
  // being, those that an open transaction is about to change.
  auto conf = make_conf({{"bootstrap.servers", bootstrap},
                         {"group.id", group},
                         {"isolation.level", "read_committed"},
                         {"enable.auto.commit", "false"}});
  if (!conf) return conf.error();
  rd_kafka_conf_set_log_cb(conf->get(), nullptr);  // the answer says what went wrong
  auto client = make_client(ClientType::consumer, std::move(*conf));
  if (!client) return client.error();
  const PartitionListHandle list(rd_kafka_topic_partition_list_new(partitions));
  for (int p = 0; p < partitions; ++p) {
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), p);
  }
  std::string trouble = "there was no time to ask";
  while (now() < deadline) {
    auto error = rd_kafka_committed(client->get(), list.get(), attempt_ms);
    std::map<std::int32_t, std::int64_t> offsets;
    for (int i = 0; i < list->cnt; ++i) {
      const rd_kafka_topic_partition_t& partition = list->elems[i];
      if (error == RD_KAFKA_RESP_ERR_NO_ERROR) error = partition.err;
      offsets[partition.partition] = partition.offset < 0 ? -1 : partition.offset;
    }
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return offsets;
    trouble = rd_kafka_err2str(error);
    std::this_thread::sleep_for(pause);
  }
  return Error{"the committed offsets of group '" + group + "' could not be read: " + trouble, ""};
}

}  // namespace seatrial::kafka
