// One message there and back.
#include "kafka/canary.hpp"

#include <librdkafka/rdkafka.h>

#include "kafka/config.hpp"
#include "kafka/consumer.hpp"
#include "kafka/handle.hpp"

namespace seatrial::kafka {
namespace {

constexpr const char* payload = "canary";
constexpr auto close_time = seconds(3);

// 0: still under way, otherwise 1 + the error code (success is 1).
struct Delivery {
  int code = 0;
};

void on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void*) noexcept {
  static_cast<Delivery*>(message->_private)->code = 1 + static_cast<int>(message->err);
}

Error timed_out(const char* what) {
  return Error{std::string(what) + " did not happen in time", ""};
}

}  // namespace

Result<Done> produce_canary(const Access& access, const std::string& topic, Instant deadline,
                            const std::stop_token& stop) {
  auto conf = make_conf(access.with({{"acks", "all"}, {"linger.ms", "0"}}));
  if (!conf) return conf.error();
  rd_kafka_conf_set_dr_msg_cb(conf->get(), on_delivery);
  Delivery delivery;  // outlives the client, whose last callbacks may still write to it
  auto client = make_client(ClientType::producer, std::move(*conf));
  if (!client) return client.error();
  while (!stop.stop_requested() && now() < deadline) {
    delivery.code = 0;
    const rd_kafka_resp_err_t refused = rd_kafka_producev(
        client->get(), RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_PARTITION(0),
        RD_KAFKA_V_VALUE(const_cast<char*>(payload), 6), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
        RD_KAFKA_V_OPAQUE(&delivery), RD_KAFKA_V_END);
    if (refused != RD_KAFKA_RESP_ERR_NO_ERROR) return Error{rd_kafka_err2str(refused), ""};
    while (delivery.code == 0 && !stop.stop_requested() && now() < deadline) {
      rd_kafka_poll(client->get(), 10);
    }
    if (delivery.code == 1) return Done{};
  }
  rd_kafka_purge(client->get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  rd_kafka_flush(client->get(), 100);
  return timed_out("an ack of the canary by all replicas");
}

Result<Done> consume_canary(const Access& access, const std::string& topic, Instant deadline,
                            const std::stop_token& stop) {
  auto conf = make_conf(access.with({{"group.id", topic},
                                     {"auto.offset.reset", "earliest"},
                                     {"enable.auto.commit", "false"},
                                     {"session.timeout.ms", "6000"}}));
  if (!conf) return conf.error();
  auto client = make_client(ClientType::consumer, std::move(*conf));
  if (!client) return client.error();
  rd_kafka_poll_set_consumer(client->get());
  const PartitionListHandle topics(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(topics.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
  const rd_kafka_resp_err_t refused = rd_kafka_subscribe(client->get(), topics.get());
  if (refused != RD_KAFKA_RESP_ERR_NO_ERROR) return Error{rd_kafka_err2str(refused), ""};
  bool read = false;
  while (!stop.stop_requested() && now() < deadline) {
    const MessageHandle message(rd_kafka_consumer_poll(client->get(), 20));
    if (message && message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      read = true;
      break;
    }
  }
  // What its group makes of its leaving is nothing to us.
  static_cast<void>(close_consumer(*client, close_time));
  if (read) return Done{};
  return timed_out("reading the canary as a member of a group");
}

}  // namespace seatrial::kafka
