// A producer that takes one message at a time, with or without transactions, and what it answers to
// each transactional call, reduced to the four things a caller can do about it. Two clients are
// such: producer_client.hpp (librdkafka, the first version of the transaction protocol) and
// wire_transactional_client.hpp (the harness itself, the second). Lanes that are not after a rate
// drive either in the same way.
//
// Knows nothing of ledgers: what became of each message goes to a function, from within flush,
// poll, commit, abort, or the destructor. Lane's thread only; every call that waits has a limit.
//
// Destroying one neither commits nor aborts: the coordinator learns of the end only when another
// producer of the same transactional.id is initialised, or by transaction.timeout.ms. That is what
// a crash looks like from outside.
#pragma once

#include <librdkafka/rdkafka.h>

#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "core/time.hpp"
#include "kafka/config.hpp"
#include "ledger/ledger.hpp"
#include "workloads/deliveries.hpp"

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
  [[nodiscard]] bool fenced() const {
    return code == RD_KAFKA_RESP_ERR__FENCED || code == RD_KAFKA_RESP_ERR_PRODUCER_FENCED ||
           code == RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH;
  }
};

class MessageClient {
 public:
  using OnDelivery = std::function<void(const Delivery&)>;
  MessageClient() = default;
  virtual ~MessageClient() = default;
  MessageClient(const MessageClient&) = delete;
  MessageClient& operator=(const MessageClient&) = delete;

  // Fences all older producers of the id, and ends what they left open. Done without transactions.
  virtual Answer init(milliseconds limit) = 0;
  virtual Answer begin() = 0;
  // Without transactions: waits until all is delivered.
  virtual Answer commit(milliseconds limit) = 0;
  virtual Answer abort(milliseconds limit) = 0;

  struct Message {
    ledger::SlotIndex index = 0;  // comes back with its delivery
    std::int32_t partition = 0;
    std::span<const std::byte> key;    // without data: none
    std::span<const std::byte> value;  // without data: a tombstone, where the client knows those
  };
  // Takes a copy. An error: it was not taken, and never left; _QUEUE_FULL: nor will it be before
  // others have been delivered.
  virtual rd_kafka_resp_err_t send(const Message& message) = 0;
  // Waits until what was sent is delivered or has failed; whether that was within the limit.
  virtual bool flush(milliseconds limit) = 0;
  virtual void poll(milliseconds limit) = 0;

  // As they took effect; and who it is, with its version.
  [[nodiscard]] virtual kafka::Properties effective_config() const = 0;
  [[nodiscard]] virtual std::string version() const = 0;
};

}  // namespace seatrial::workloads
