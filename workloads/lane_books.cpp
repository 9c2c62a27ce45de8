// Opening, handing over, settling; and the sums.
#include "workloads/lane_books.hpp"

#include <cmath>

#include "core/check.hpp"
#include "measure/availability.hpp"
#include "measure/recorder.hpp"

namespace seatrial::workloads {
namespace {

// Slot indices travel as the message's opaque, one higher, so that none of them is a null pointer.
void* to_opaque(ledger::SlotIndex index) {
  return reinterpret_cast<void*>(std::uintptr_t{index} + 1);  // NOLINT: never dereferenced
}
ledger::SlotIndex from_opaque(const void* opaque) {
  return static_cast<ledger::SlotIndex>(reinterpret_cast<std::uintptr_t>(opaque) - 1);
}

}  // namespace

LaneBooks::LaneBooks(LaneContext& lane, LaneReport& report,
                     const std::map<std::string, std::string>& config)
    : lane_(lane), report_(report), ledger_(*lane.ledger) {
  const std::string& acks = config.at("acks");
  acks_ = acks == "0"     ? ledger::Acks::none
          : acks == "all" ? ledger::Acks::all
                          : ledger::Acks::leader;
  // The client retries after its backoff, which newer versions vary by a fifth.
  retry_free_ns_ = std::llround(std::stod(config.at("retry.backoff.ms")) * 0.75e6);
}

ledger::SlotIndex LaneBooks::open(std::int32_t partition, std::int64_t intended_ns) {
  lane_.recorder->intended(intended_ns);
  ++report_.intended;
  return ledger_.open(static_cast<std::uint32_t>(partition), intended_ns);
}

ledger::Identity LaneBooks::identity(ledger::SlotIndex index) {
  const ledger::Slot& slot = ledger_.slot(index);
  return {.trial_tag = lane_.trial_tag,
          .stream = StreamId(lane_.first_stream + slot.stream),
          .seq = Seq(slot.seq),
          .intended_ns = slot.intended_ns};
}

rd_kafka_resp_err_t LaneBooks::send(rd_kafka_t& client, rd_kafka_topic_t& topic,
                                    ledger::SlotIndex index, std::span<const std::byte> key,
                                    std::span<const std::byte> value,
                                    const std::function<bool()>& give_up) {
  ledger::Slot& slot = ledger_.slot(index);
  while (true) {
    slot.sent_ns = to_ns(now());
    // A null value is a tombstone; the library takes a null pointer for it.
    const int refused = rd_kafka_produce(&topic, static_cast<std::int32_t>(slot.stream),
                                         RD_KAFKA_MSG_F_COPY, const_cast<std::byte*>(value.data()),
                                         value.size(), key.data(), key.size(),  // NOLINT
                                         to_opaque(index));
    if (refused == 0) {
      ++handed_;
      return RD_KAFKA_RESP_ERR_NO_ERROR;
    }
    const auto error = rd_kafka_last_error();
    if (error != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
      ++report_.errors[static_cast<std::int32_t>(slot.stream)][rd_kafka_err2name(error)];
      const auto judged = ledger::judge({.acks = acks_,
                                         .error = error,
                                         .status = ledger::Persistence::not_persisted,
                                         .never_transmitted = true});
      ++handed_;
      count(judged.outcome, slot, to_ns(now()));
      ledger_.settle(index, judged.outcome, -1);
      return error;
    }
    if (give_up()) {
      lane_.recorder->censored(slot.intended_ns, 0, to_ns(now()));
      ledger_.retract(index);
      ++report_.unsent;
      return error;
    }
    rd_kafka_poll(&client, 1);
    backpressure_ns_ += static_cast<std::uint64_t>(to_ns(now()) - slot.sent_ns);
  }
}

LaneBooks::Settled LaneBooks::settle(const rd_kafka_message_t& report) {
  const ledger::SlotIndex index = from_opaque(report._private);
  ledger::Slot& slot = ledger_.slot(index);
  const std::int64_t done_ns = to_ns(now());
  ledger::DeliveryReport told{.acks = acks_, .error = report.err, .offset = report.offset};
  if (report.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    told.status = static_cast<ledger::Persistence>(rd_kafka_message_status(&report));
    // The library tells of no earlier attempts, but none fits into less than its backoff.
    told.earlier_attempt_ambiguous = done_ns - slot.sent_ns >= retry_free_ns_;
    ++report_.errors[static_cast<std::int32_t>(slot.stream)][rd_kafka_err2name(report.err)];
  }
  const ledger::Judgement judged = ledger::judge(told);
  count(judged.outcome, slot, done_ns);
  ledger_.settle(index, judged.outcome, judged.offset);
  return {index, &slot, judged};
}

void LaneBooks::count(ledger::Outcome outcome, const ledger::Slot& slot, std::int64_t done_ns) {
  measure::LaneRecorder& recorder = *lane_.recorder;
  const std::size_t cell = lane_.first_partition + slot.stream;
  switch (outcome) {
    case ledger::Outcome::sent:
      ++sent_;
      recorder.sent(slot.intended_ns, slot.sent_ns);
      return;
    case ledger::Outcome::acked:
      ++acked_;
      recorder.acked(slot.intended_ns, slot.sent_ns, done_ns);
      if (lane_.availability != nullptr) lane_.availability->acked(cell, slot.intended_ns, done_ns);
      return;
    case ledger::Outcome::failed:
      ++failed_;
      recorder.failed(slot.intended_ns, slot.sent_ns, done_ns);
      break;
    case ledger::Outcome::unknown:
      ++unknown_;
      recorder.censored(slot.intended_ns, slot.sent_ns, done_ns);
      break;
  }
  if (lane_.availability != nullptr) lane_.availability->not_acked(cell, slot.intended_ns);
}

void LaneBooks::unsent(std::int64_t intended_ns) {
  lane_.recorder->intended(intended_ns);
  lane_.recorder->censored(intended_ns, 0, to_ns(now()));
  ++report_.intended;
  ++report_.unsent;
}

void LaneBooks::abandon_open() {
  const std::int64_t now_ns = to_ns(now());
  for (const ledger::SlotIndex index : ledger_.open_slots()) {
    count(ledger::Outcome::unknown, ledger_.slot(index), now_ns);
    ledger_.settle(index, ledger::Outcome::unknown, -1);
  }
}

void LaneBooks::close() {
  abandon_open();
  publish();
  lane_.recorder->publish();
  check(report_.intended == handed_ + report_.unsent, "intended = handed + unsent in every lane");
  check(handed_ == sent_ + acked_ + failed_ + unknown_,
        "handed = sent + acked + failed + unknown in every lane");
}

void LaneBooks::publish() {
  LaneCounters& out = *lane_.counters;
  constexpr auto relaxed = std::memory_order_relaxed;
  out.due.store(report_.intended, relaxed);
  out.handed.store(handed_, relaxed);
  out.sent.store(sent_, relaxed);
  out.acked.store(acked_, relaxed);
  out.failed.store(failed_, relaxed);
  out.unknown.store(unknown_, relaxed);
  out.backpressure_ns.store(backpressure_ns_, relaxed);
}

}  // namespace seatrial::workloads
