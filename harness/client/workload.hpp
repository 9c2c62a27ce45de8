// A workload is a client pattern; it runs in lanes, one client thread with one client handle each.
// The runner makes the lanes, their ledger and recorder; the workload drives its client through the
// phases (lane.hpp). One pattern per file under workloads/.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "client/lane.hpp"
#include "core/log.hpp"
#include "core/time.hpp"

namespace seatrial {

// What the harness must know of a pattern before it runs; constant for the workload's life.
struct Traits {
  int lanes = 1;
  bool produces = false;  // and so has streams in the ledger
  // Each lane is a process of its own, a member that faults can kill and pause. It has a clock of
  // its own, which stops when this member shall leave, and beside its link and counters nothing to
  // record with. (Lanes of any workload may be processes for the sake of their client library;
  // those are no targets, and have the trial's clock.)
  bool has_members = false;
  // A consumer that dies may leave undone what it has committed already.
  bool at_most_once = false;
  // They are members of a share group (KIP-932): several read a partition at a time, and each
  // message is acknowledged by itself.
  bool shares = false;
  // A consumer that has been given nothing for so long, when nobody produces any more, has been
  // given everything that it will be.
  nanoseconds quiet_time = seconds(2);
};

// When a member takes part, since the start of measure; none: from the beginning, and to the end.
struct MemberSpan {
  std::optional<nanoseconds> joins;
  std::optional<nanoseconds> leaves;
};

class Workload {
 public:
  virtual ~Workload() = default;
  [[nodiscard]] virtual Traits traits() const = 0;
  // Effective properties that decide the contract: "acks", "enable.idempotence", ... in
  // librdkafka's spelling, defaults filled in, and names checked.
  [[nodiscard]] virtual std::map<std::string, std::string> client_properties() const = 0;
  // The offered rate over all lanes, messages/s; 0 for a closed loop or a consumer.
  [[nodiscard]] virtual double offered_rate() const { return 0; }
  // Messages that fall due over all lanes within that time from the start of warmup: where the rate
  // changes over time, offered_rate() is but the one that the scenario names.
  [[nodiscard]] virtual double offered_messages(nanoseconds span) const {
    return offered_rate() * to_seconds(span);
  }
  // Of the member at that index, from 0.
  [[nodiscard]] virtual MemberSpan member_span(int /*index*/) const { return {}; }
  // What the audit shall show every record to, after all lanes have ended; null: the ledger's
  // comparison is enough.
  [[nodiscard]] virtual std::unique_ptr<LogObserver> observer() const { return nullptr; }
  // Runs one lane from now to the end of its trial, on the calling thread: connects, signals
  // `ready` once it is, waits for clock->start_ns, works, settles. `stop` ends it early (still
  // settling within what is left of the budget). Throws only on errors of infrastructure.
  virtual LaneReport run(LaneContext& lane, const std::function<void()>& ready,
                         std::stop_token stop) const = 0;
};

}  // namespace seatrial
