// A MessageClient over librdkafka, which speaks the first version of the transaction protocol
// whatever the brokers could.
#pragma once

#include <memory>
#include <string>

#include "core/time.hpp"
#include "kafka/config.hpp"
#include "kafka/handle.hpp"
#include "workloads/client_events.hpp"
#include "workloads/message_client.hpp"

namespace seatrial::workloads {

class ProducerClient final : public MessageClient {
 public:
  // `transactional_id` empty: a producer without transactions, idempotent if its properties say so.
  // Throws InfrastructureError if no client can be made.
  ProducerClient(kafka::Properties properties, const std::string& transactional_id,
                 const std::string& topic, OnDelivery on_delivery, ClientEvents& events);
  ~ProducerClient() override;

  Answer init(milliseconds limit) override;
  Answer begin() override;
  Answer commit(milliseconds limit) override;
  Answer abort(milliseconds limit) override;
  rd_kafka_resp_err_t send(const Message& message) override;
  bool flush(milliseconds limit) override;
  void poll(milliseconds limit) override;
  [[nodiscard]] kafka::Properties effective_config() const override;
  [[nodiscard]] std::string version() const override;

  // Of the consumer, which must be in a group.
  Answer send_offsets(const rd_kafka_topic_partition_list_t& offsets, rd_kafka_t& consumer,
                      milliseconds limit);
  [[nodiscard]] rd_kafka_t& raw() { return *client_; }
  [[nodiscard]] rd_kafka_topic_t& topic() { return *topic_; }

 private:
  static void on_delivery(rd_kafka_t*, const rd_kafka_message_t* report, void* opaque) noexcept;
  static void on_error(rd_kafka_t* client, int code, const char* reason, void* opaque) noexcept;

  OnDelivery on_delivery_;
  ClientEvents& events_;
  bool transactional_;
  kafka::ClientHandle client_;  // after what its callbacks touch
  kafka::TopicHandle topic_;
};

}  // namespace seatrial::workloads
