// What became of a lane's messages, counted; and the sums that must come out at its end.
#pragma once

#include <cstdint>

#include "client/workload.hpp"
#include "core/check.hpp"
#include "ledger/ledger.hpp"

namespace seatrial::workloads {

struct Tally {
  std::uint64_t handed = 0;  // and not taken back
  std::uint64_t sent = 0, acked = 0, failed = 0, unknown = 0;

  void add(ledger::Outcome outcome, std::uint64_t messages = 1) {
    switch (outcome) {
      case ledger::Outcome::sent: sent += messages; return;
      case ledger::Outcome::acked: acked += messages; return;
      case ledger::Outcome::failed: failed += messages; return;
      case ledger::Outcome::unknown: unknown += messages; return;
    }
  }

  void publish(std::uint64_t due, std::uint64_t backpressure_ns, LaneCounters& out) const {
    constexpr auto relaxed = std::memory_order_relaxed;
    out.due.store(due, relaxed);
    out.handed.store(handed, relaxed);
    out.sent.store(sent, relaxed);
    out.acked.store(acked, relaxed);
    out.failed.store(failed, relaxed);
    out.unknown.store(unknown, relaxed);
    out.backpressure_ns.store(backpressure_ns, relaxed);
  }

  void check_sums(const LaneReport& report) const {
    check(report.intended == handed + report.unsent, "intended = handed + unsent in every lane");
    check(handed == sent + acked + failed + unknown,
          "handed = sent + acked + failed + unknown in every lane");
  }
};

}  // namespace seatrial::workloads
