// What is on a cluster, and who may do what there, through a listener whose users may do all: for
// tests of clusters that belong to others.
#pragma once

#include <librdkafka/rdkafka.h>

#include <cstdint>
#include <set>
#include <string>

#include "core/check.hpp"
#include "core/time.hpp"
#include "kafka/config.hpp"
#include "kafka/wire/bytes.hpp"
#include "kafka/wire/connection.hpp"

namespace seatrial::test {

// By the numbers of Kafka's protocol.
enum class Resource : std::int8_t { topic = 2, group = 3, cluster = 4, transactional_id = 5 };
enum class Operation : std::int8_t {
  all = 2,
  read = 3,
  write = 4,
  create = 5,
  remove = 6,
  describe = 8,
  describe_configs = 10
};
struct Right {
  Resource type = Resource::topic;
  Operation operation = Operation::all;
};

class Overseer {
 public:
  // `address` of one broker.
  explicit Overseer(const std::string& bootstrap) : address_(bootstrap) {
    auto conf = kafka::make_conf({{"bootstrap.servers", bootstrap}});
    check(conf.has_value(), "settings of the overseer");
    auto client = kafka::make_client(kafka::ClientType::producer, std::move(*conf));
    check(client.has_value(), "a client of the overseer");
    client_ = std::move(*client);
    queue_.reset(rd_kafka_queue_new(client_.get()));
  }

  // Of `principal`, on all names that begin with `prefix` (of the cluster, on the cluster).
  void allow(const std::string& principal, const std::string& prefix, Right right) {
    change(30, "CreateAcls", principal, prefix, right);
  }
  void forbid(const std::string& principal, const std::string& prefix, Right right) {
    change(31, "DeleteAcls", principal, prefix, right);
  }

  // Every topic, group, right, and setting of the broker, a line each.
  std::set<std::string> everything() {
    std::set<std::string> out;
    add_topics(out);
    add_groups(out);
    add_rights(out);
    add_settings(out);
    return out;
  }

 private:
  // The library's own calls know no transactional ids, so three requests are sent by wire.
  kafka::wire::Bytes exchange(std::int16_t api, const char* name, kafka::wire::BytesView body) {
    const Instant deadline = now() + seconds(30);
    auto connection = kafka::wire::Connection::open(address_, deadline);
    check(connection.has_value(), "the overseer reaches a broker");
    const auto key = static_cast<kafka::wire::Api>(api);
    const auto version = connection->version_for(key, {1, 1}, name);
    check(version.has_value(), "the broker knows rights");
    auto answer = connection->exchange({.api = key, .version = *version}, body, deadline);
    check(answer.has_value(), "the broker answers about rights");
    return std::move(*answer);
  }

  void change(std::int16_t api, const char* name, const std::string& principal,
              const std::string& prefix, Right right) {
    constexpr std::int8_t literal = 3, prefixed = 4, allowed = 3;
    const bool cluster = right.type == Resource::cluster;
    kafka::wire::Writer body;
    body.int32(1).int8(static_cast<std::int8_t>(right.type));
    body.string(cluster ? "kafka-cluster" : prefix).int8(cluster ? literal : prefixed);
    body.string(principal).string("*").int8(static_cast<std::int8_t>(right.operation));
    body.int8(allowed);
    const auto answer = exchange(api, name, body.bytes());
    kafka::wire::Cursor in(answer);
    in.int32();  // throttle time
    check(in.array(2) == 1 && in.int16() == 0, "a right is given or taken away");
  }

  kafka::EventHandle answer() {
    kafka::EventHandle event(rd_kafka_queue_poll(queue_.get(), 30'000));
    check(event != nullptr, "the cluster answers its overseer");
    check(rd_kafka_event_error(event.get()) == RD_KAFKA_RESP_ERR_NO_ERROR,
          "the overseer may do all");
    return event;
  }

  void add_topics(std::set<std::string>& out) {
    const rd_kafka_metadata_t* found = nullptr;
    const auto error = rd_kafka_metadata(client_.get(), 1, nullptr, &found, 30'000);
    check(error == RD_KAFKA_RESP_ERR_NO_ERROR, "the overseer sees all topics");
    for (int i = 0; i < found->topic_cnt; ++i) {
      out.insert("topic " + std::string(found->topics[i].topic) + " " +
                 std::to_string(found->topics[i].partition_cnt));
    }
    rd_kafka_metadata_destroy(found);
  }

  void add_groups(std::set<std::string>& out) {
    rd_kafka_ListConsumerGroups(client_.get(), nullptr, queue_.get());
    const auto event = answer();
    std::size_t count = 0;
    const auto** groups = rd_kafka_ListConsumerGroups_result_valid(
        rd_kafka_event_ListConsumerGroups_result(event.get()), &count);
    for (std::size_t i = 0; i < count; ++i)
      out.insert("group " + std::string(rd_kafka_ConsumerGroupListing_group_id(groups[i])));
  }

  void add_rights(std::set<std::string>& out) {
    constexpr std::int8_t any = 1;
    constexpr std::int16_t null = -1;
    kafka::wire::Writer body;
    body.int8(any).int16(null).int8(any).int16(null).int16(null).int8(any).int8(any);
    const auto answer = exchange(29, "DescribeAcls", body.bytes());
    kafka::wire::Cursor in(answer);
    in.int32();  // throttle time
    check(in.int16() == 0, "the overseer sees all rights");
    in.string();
    for (std::size_t left = in.array(8); left > 0; --left) {
      const std::string type = std::to_string(in.int8());
      const std::string name = in.string();
      in.int8();
      for (std::size_t rights = in.array(6); rights > 0; --rights) {
        const std::string principal = in.string();
        in.string();  // host
        const std::string operation = std::to_string(in.int8());
        in.int8();
        out.insert("right " + principal + " " + operation + " on " + type + " " + name);
      }
    }
    check(in.ok(), "the answer about rights is whole");
  }

  void add_settings(std::set<std::string>& out) {
    auto* broker = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_BROKER, "1");
    rd_kafka_DescribeConfigs(client_.get(), &broker, 1, nullptr, queue_.get());
    const auto event = answer();
    rd_kafka_ConfigResource_destroy(broker);
    std::size_t count = 0;
    const auto** resources = rd_kafka_DescribeConfigs_result_resources(
        rd_kafka_event_DescribeConfigs_result(event.get()), &count);
    const auto** entries = rd_kafka_ConfigResource_configs(resources[0], &count);
    for (std::size_t i = 0; i < count; ++i) {
      const char* value = rd_kafka_ConfigEntry_value(entries[i]);
      out.insert(std::string("setting ") + rd_kafka_ConfigEntry_name(entries[i]) + " " +
                 (value == nullptr ? "" : value));
    }
  }

  std::string address_;
  kafka::ClientHandle client_;
  kafka::QueueHandle queue_;
};

}  // namespace seatrial::test
