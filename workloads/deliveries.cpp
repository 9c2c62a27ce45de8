// Judges, counts, settles.
#include "workloads/deliveries.hpp"

#include <cmath>

#include "core/numbers.hpp"
#include "measure/availability.hpp"
#include "measure/recorder.hpp"

namespace seatrial::workloads {

void Deliveries::understand(const std::map<std::string, std::string>& config) {
  const std::string& acks = config.at("acks");
  acks_ = acks == "0"     ? ledger::Acks::none
          : acks == "all" ? ledger::Acks::all
                          : ledger::Acks::leader;
  // The client retries after its backoff, which newer versions vary by a fifth.
  if (config.contains("retry.backoff.ms"))
    retry_free_ns_ = std::llround(number_in(config, "retry.backoff.ms") * 0.75e6);
}

Delivery delivery_of(const rd_kafka_message_t& report) {
  Delivery out{.index = from_opaque(report._private), .error = report.err, .offset = report.offset};
  if (report.err != RD_KAFKA_RESP_ERR_NO_ERROR)
    out.status = static_cast<ledger::Persistence>(rd_kafka_message_status(&report));
  return out;
}

Deliveries::Settled Deliveries::settle(const Delivery& delivery, std::int64_t done_ns) {
  ledger::Slot& slot = ledger_.slot(delivery.index);
  ledger::DeliveryReport reported{
      .acks = acks_, .error = delivery.error, .offset = delivery.offset};
  if (delivery.error != ledger::error::none) {
    reported.status = delivery.status;
    reported.never_transmitted = delivery.never_transmitted;
    // librdkafka tells of no earlier attempts, but none fits into less than its backoff.
    reported.earlier_attempt_ambiguous =
        delivery.earlier_attempt_ambiguous.value_or(done_ns - slot.sent_ns >= retry_free_ns_);
    count_error(slot, delivery.error, done_ns);
  }
  const ledger::Judgement judged = ledger::judge(reported);
  count(judged.outcome, slot, done_ns);
  ledger_.settle(delivery.index, judged.outcome, judged.offset);
  return {delivery.index, &slot, judged};
}

void Deliveries::refused(ledger::SlotIndex index, rd_kafka_resp_err_t error, std::int64_t at_ns) {
  const ledger::Slot& slot = ledger_.slot(index);
  const auto judged = ledger::judge({.acks = acks_,
                                     .error = error,
                                     .status = ledger::Persistence::not_persisted,
                                     .never_transmitted = true});
  ++tally.handed;
  count_error(slot, error, at_ns);
  count(judged.outcome, slot, at_ns);
  ledger_.settle(index, judged.outcome, judged.offset);
}

void Deliveries::abandon_open(std::int64_t now_ns) {
  for (const ledger::SlotIndex index : ledger_.open_slots()) {
    count(ledger::Outcome::unknown, ledger_.slot(index), now_ns);
    ledger_.settle(index, ledger::Outcome::unknown, -1);
  }
}

void Deliveries::count_error(const ledger::Slot& slot, int error, std::int64_t at_ns) {
  const char* name = rd_kafka_err2name(static_cast<rd_kafka_resp_err_t>(error));
  ++report_.errors[static_cast<std::int32_t>(slot.stream)][name];
  if (lane_.availability == nullptr) return;
  lane_.availability->error(lane_.first_partition + slot.stream, name, at_ns);
}

void Deliveries::count(ledger::Outcome outcome, const ledger::Slot& slot, std::int64_t done_ns) {
  measure::LaneRecorder& recorder = *lane_.recorder;
  const std::size_t cell = lane_.first_partition + slot.stream;
  tally.add(outcome);
  switch (outcome) {
    case ledger::Outcome::sent: recorder.sent(slot.intended_ns, slot.sent_ns); return;
    case ledger::Outcome::acked:
      recorder.acked(slot.intended_ns, slot.sent_ns, done_ns);
      if (lane_.availability != nullptr) lane_.availability->acked(cell, slot.intended_ns, done_ns);
      return;
    case ledger::Outcome::failed: recorder.failed(slot.intended_ns, slot.sent_ns, done_ns); break;
    case ledger::Outcome::unknown:
      recorder.censored(slot.intended_ns, slot.sent_ns, done_ns);
      break;
  }
  if (lane_.availability != nullptr) lane_.availability->not_acked(cell, slot.intended_ns);
}

}  // namespace seatrial::workloads
