// What a wire lane takes of a producer's properties, and what it refuses, with the reason. Names,
// defaults and what follows from what are librdkafka's, so that a scenario changes its engine and
// nothing else; of those that a wire lane takes, max.in.flight.requests.per.connection alone has
// another default: 5 instead of a million, since each request in flight keeps its batch.
//
// A transactional one sends a request at a time, when a batch is full or its transaction is to end:
// it takes transaction.timeout.ms as well, and neither linger.ms nor what bounds requests in
// flight.
#pragma once

#include <string>
#include <string_view>

#include "kafka/config.hpp"
#include "kafka/wire/record_batch.hpp"
#include "ledger/outcome.hpp"

namespace seatrial::workloads {

enum class WireLaneKind { producer, transactional };

// What is wrong with a property for a wire lane; empty if it takes it. Says nothing of its value.
[[nodiscard]] std::string refused_by_wire(std::string_view name,
                                          WireLaneKind kind = WireLaneKind::producer);
// Of a value that librdkafka takes; empty if a wire lane takes it too.
[[nodiscard]] std::string refused_by_wire(std::string_view name, std::string_view value);

// Of properties that librdkafka takes, throws OptionsRefused, each at its own place, if a wire lane
// does not take them all with their values.
void refuse_for_wire(const kafka::Properties& properties,
                     WireLaneKind kind = WireLaneKind::producer);

// Effective settings of a wire lane, those that it takes, aliases included. Throws UsageError where
// they contradict each other. Those of a transactional lane hold its transactional.id.
[[nodiscard]] kafka::Properties wire_properties(const kafka::Properties& properties,
                                                WireLaneKind kind = WireLaneKind::producer);

// The same as a lane works with them.
struct WireSettings {
  explicit WireSettings(const kafka::Properties& effective);

  ledger::Acks acks = ledger::Acks::all;
  bool idempotent = false;
  int max_in_flight = 1;                    // of a transactional lane always,
  std::int64_t linger_ns = 0;               // and so this
  std::int32_t transaction_timeout_ms = 0;  // of a transactional lane
  std::size_t batch_bytes = 0;
  std::size_t batch_messages = 0;
  std::int32_t request_timeout_ms = 0;  // until which the broker waits for its replicas
  std::int64_t socket_timeout_ns = 0;   // without an answer: the connection is given up
  std::int64_t message_timeout_ns = 0;  // from being taken to being acked; INT64_MAX: none;
                                        // of a transaction at most as long as that may last
  std::uint64_t queue_messages = 0;     // taken and not acked yet
  std::uint64_t queue_bytes = 0;
  kafka::wire::Codec codec = kafka::wire::Codec::none;
};

}  // namespace seatrial::workloads
