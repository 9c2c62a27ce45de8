// How a lane over librdkafka settles its messages: a delivery report, or a refusal, becomes an
// outcome in ledger, recorder, availability and tally, all in step. A message's slot in the ledger
// travels with it as its opaque.
//
// One owner: the lane's thread, on which the library calls delivery callbacks.
#pragma once

#include <librdkafka/rdkafka.h>

#include <map>
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

class Deliveries {
 public:
  // Keeps both.
  Deliveries(LaneContext& lane, LaneReport& report)
      : lane_(lane), report_(report), ledger_(*lane.ledger) {}
  // The client's effective properties; before its first message.
  void understand(const std::map<std::string, std::string>& config);
  [[nodiscard]] ledger::Acks acks() const { return acks_; }

  struct Settled {
    ledger::SlotIndex index = 0;
    ledger::Slot* slot = nullptr;  // as it was, until the ledger opens the next
    ledger::Judgement judged;
  };
  Settled settle(const rd_kafka_message_t& report, std::int64_t done_ns);
  // The client did not take it and never will (it is too large, say): nothing was transmitted.
  void refused(ledger::SlotIndex index, rd_kafka_resp_err_t error, std::int64_t at_ns);
  // What is open is unknown, at its age.
  void abandon_open(std::int64_t now_ns);

  Tally tally;

 private:
  void count(ledger::Outcome outcome, const ledger::Slot& slot, std::int64_t done_ns);
  void count_error(const ledger::Slot& slot, rd_kafka_resp_err_t error, std::int64_t at_ns);

  LaneContext& lane_;
  LaneReport& report_;
  ledger::LaneLedger& ledger_;
  ledger::Acks acks_ = ledger::Acks::all;
  std::int64_t retry_free_ns_ = 0;  // a message younger than this was never retried
};

}  // namespace seatrial::workloads
