// How a lane settles its messages: what its client tells of a message, or that the client did not
// take it, becomes an outcome in ledger, recorder, availability and tally, all in step. Through
// librdkafka, a message's slot in the ledger travels as its opaque.
//
// One owner: the lane's thread, on which clients tell of deliveries.
#pragma once

#include <librdkafka/rdkafka.h>

#include <map>
#include <optional>
#include <string>

#include "client/workload.hpp"
#include "ledger/ledger.hpp"
#include "ledger/outcome.hpp"
#include "workloads/tally.hpp"

namespace seatrial::workloads {

// One higher than the index, so that none of them is a null pointer.
[[nodiscard]] inline void* to_opaque(ledger::SlotIndex index) {
  return reinterpret_cast<void*>(std::uintptr_t{index} + 1);  // NOLINT: never dereferenced
}
[[nodiscard]] inline ledger::SlotIndex from_opaque(const void* opaque) {
  return static_cast<ledger::SlotIndex>(reinterpret_cast<std::uintptr_t>(opaque) - 1);
}

// What became of a message, in the words that all clients have in common.
struct Delivery {
  ledger::SlotIndex index = 0;
  int error = ledger::error::none;  // Kafka's or librdkafka's number
  std::int64_t offset = -1;
  // With an error:
  ledger::Persistence status = ledger::Persistence::possibly_persisted;
  bool never_transmitted = false;  // certainly: no attempt left this process
  // Whether an attempt before the last may have been appended; nothing: the client does not tell.
  std::optional<bool> earlier_attempt_ambiguous{};
};
[[nodiscard]] Delivery delivery_of(const rd_kafka_message_t& report);

class Deliveries {
 public:
  // Keeps both.
  Deliveries(LaneContext& lane, LaneReport& report)
      : lane_(lane), report_(report), ledger_(*lane.ledger) {}
  // The client's effective properties; before its first message. One that tells of earlier attempts
  // has no retry.backoff.ms.
  void understand(const std::map<std::string, std::string>& config);
  [[nodiscard]] ledger::Acks acks() const { return acks_; }

  struct Settled {
    ledger::SlotIndex index = 0;
    ledger::Slot* slot = nullptr;  // as it was, until the ledger opens the next
    ledger::Judgement judged;
  };
  Settled settle(const Delivery& delivery, std::int64_t done_ns);
  // The client did not take it and never will (it is too large, say): nothing was transmitted.
  void refused(ledger::SlotIndex index, rd_kafka_resp_err_t error, std::int64_t at_ns);
  // What is open is unknown, at its age.
  void abandon_open(std::int64_t now_ns);

  Tally tally;

 private:
  void count(ledger::Outcome outcome, const ledger::Slot& slot, std::int64_t done_ns);
  void count_error(const ledger::Slot& slot, int error, std::int64_t at_ns);

  LaneContext& lane_;
  LaneReport& report_;
  ledger::LaneLedger& ledger_;
  ledger::Acks acks_ = ledger::Acks::all;
  std::int64_t retry_free_ns_ = 0;  // a message younger than this was never retried
};

}  // namespace seatrial::workloads
