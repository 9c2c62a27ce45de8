// A producer that takes one message at a time, with or without transactions, and what it answers to
// each transactional call, reduced to the four things a caller can do about it. Knows nothing of
// ledgers: delivery reports go to a function. Lane's thread only; every call that waits has a
// limit.
//
// Destroying it neither commits nor aborts: the coordinator learns of the end only when another
// producer of the same transactional.id is initialised, or by transaction.timeout.ms. That is what
// a crash looks like from outside.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/time.hpp"
#include "kafka/config.hpp"
#include "kafka/handle.hpp"
#include "workloads/client_events.hpp"

namespace seatrial::workloads {

struct Answer {
  enum class Kind {
    done,
    again,  // not done yet, or a passing error: the same call again goes on where this one was
    abort,  // the transaction can only be aborted
    dead,   // the producer can do nothing more
  };
  Kind kind = Kind::done;
  int code = 0;      // librdkafka's or Kafka's error number; 0: none
  std::string text;  // for a note
  [[nodiscard]] bool done() const { return kind == Kind::done; }
  // A newer producer, or the coordinator on its own, has taken its epoch away.
  [[nodiscard]] bool fenced() const;
};

class ProducerClient {
 public:
  using OnDelivery = std::function<void(const rd_kafka_message_t&)>;
  // `transactional_id` empty: a producer without transactions, idempotent if its properties say so.
  // Throws InfrastructureError if no client can be made.
  ProducerClient(kafka::Properties properties, const std::string& transactional_id,
                 const std::string& topic, OnDelivery on_delivery, ClientEvents& events);
  ~ProducerClient();
  ProducerClient(const ProducerClient&) = delete;
  ProducerClient& operator=(const ProducerClient&) = delete;

  // Fences all older producers of the id, and ends what they left open. Done without transactions.
  Answer init(milliseconds limit);
  Answer begin();
  Answer send_offsets(const rd_kafka_topic_partition_list_t& offsets, rd_kafka_t& consumer,
                      milliseconds limit);
  // Without transactions: waits until all is delivered.
  Answer commit(milliseconds limit);
  Answer abort(milliseconds limit);
  // Waits until what was sent is delivered or has failed; whether that was within the limit.
  bool flush(milliseconds limit);
  void poll(milliseconds limit);

  [[nodiscard]] rd_kafka_t& raw() { return *client_; }
  [[nodiscard]] rd_kafka_topic_t& topic() { return *topic_; }
  [[nodiscard]] bool transactional() const { return transactional_; }

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
