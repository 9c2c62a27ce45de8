// Opening, handing over, settling.
#include "workloads/lane_books.hpp"

#include "measure/availability.hpp"
#include "measure/recorder.hpp"

namespace seatrial::workloads {

void waited_where_in_use(const LaneContext& lane, std::int64_t intended_ns) {
  if (lane.availability == nullptr) return;
  for (std::int32_t partition = 0; partition < lane.partitions; ++partition) {
    const std::size_t cell = lane.first_partition + static_cast<std::size_t>(partition);
    if (lane.availability->last_ack_ns(cell) == 0) continue;
    lane.availability->not_acked(cell, intended_ns);
  }
}

LaneBooks::LaneBooks(LaneContext& lane, LaneReport& report,
                     const std::map<std::string, std::string>& config)
    : lane_(lane), report_(report), ledger_(*lane.ledger), deliveries_(lane, report) {
  deliveries_.understand(config);
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

rd_kafka_resp_err_t LaneBooks::send(MessageClient& client, ledger::SlotIndex index,
                                    std::span<const std::byte> key,
                                    std::span<const std::byte> value,
                                    const std::function<bool()>& give_up) {
  ledger::Slot& slot = ledger_.slot(index);
  const MessageClient::Message message{.index = index,
                                       .partition = static_cast<std::int32_t>(slot.stream),
                                       .key = key,
                                       .value = value};
  while (true) {
    slot.sent_ns = to_ns(now());
    const auto error = client.send(message);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
      ++deliveries_.tally.handed;
      return error;
    }
    if (error != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
      deliveries_.refused(index, error, to_ns(now()));
      return error;
    }
    if (give_up()) {
      lane_.recorder->censored(slot.intended_ns, 0, to_ns(now()));
      waited(slot.intended_ns, static_cast<std::int32_t>(slot.stream));
      ledger_.retract(index);
      ++report_.unsent;
      return error;
    }
    client.poll(milliseconds(1));
    backpressure_ns_ += static_cast<std::uint64_t>(to_ns(now()) - slot.sent_ns);
  }
}

Deliveries::Settled LaneBooks::settle(const Delivery& delivery) {
  return deliveries_.settle(delivery, to_ns(now()));
}

void LaneBooks::waited(std::int64_t intended_ns, std::optional<std::int32_t> partition) {
  if (!partition) return waited_where_in_use(lane_, intended_ns);
  if (lane_.availability == nullptr) return;
  const std::size_t cell = lane_.first_partition + static_cast<std::size_t>(*partition);
  lane_.availability->not_acked(cell, intended_ns);
}

void LaneBooks::unsent(std::int64_t intended_ns, std::optional<std::int32_t> partition) {
  waited(intended_ns, partition);
  left_out(intended_ns);
}

void LaneBooks::left_out(std::int64_t intended_ns) {
  lane_.recorder->intended(intended_ns);
  lane_.recorder->censored(intended_ns, 0, to_ns(now()));
  ++report_.intended;
  ++report_.unsent;
}

void LaneBooks::abandon_open() { deliveries_.abandon_open(to_ns(now())); }

void LaneBooks::close() {
  abandon_open();
  publish();
  lane_.recorder->publish();
  deliveries_.tally.check_sums(report_);
}

void LaneBooks::publish() {
  deliveries_.tally.publish(report_.intended, backpressure_ns_, *lane_.counters);
}

}  // namespace seatrial::workloads
