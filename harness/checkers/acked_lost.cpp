// acked-lost: messages whose producer was told that they are stored, and which are not in the log.
// Cost: linear in the intervals of each stream.
#include <memory>

#include "checkers/common.hpp"
#include "core/registry.hpp"

namespace seatrial::checkers {
namespace {

class AckedLost final : public Checker {
 public:
  [[nodiscard]] std::string definition() const override {
    return "A message whose producer received a success with acks=1 or all, and which a "
           "complete read of its partition did not find. Decided by the identity of each "
           "message, never by counts or offsets. A message found damaged is corrupt, not "
           "lost. Where retention deleted the beginning of the log, messages surely below "
           "its start (by the offsets that they and their neighbours were acked at) have "
           "expired and are not lost; of the few that may lie on either side of it nothing "
           "is claimed: see undecided. Partitions that were not read completely yield no "
           "claim, nor do compacted topics: see latest-value-lost. Expected where the settings "
           "allow it (acks below all, "
           "min.insync.replicas or replication below 2, unclean leader election, power lost by "
           "all replicas in sync at once without flush.messages=1), else a violation.";
  }
  [[nodiscard]] Need needs() const override { return Need::acks; }
  [[nodiscard]] std::vector<Finding> check(const History& history) const override {
    return gather(
        history, "acked-lost", "acked, and absent from the log",
        [&](const StreamHistory& s) {
          const bool decided = absence_is_open(history, s, Promise::acked).empty();
          if (!decided || history.contract.compacts(s.where.topic)) return IntervalSet{};
          return s.acked.minus(s.present).minus(s.expired).minus(s.maybe_expired);
        },
        [&](const StreamHistory& s) {
          return rule_loss(history.contract, s.workload, s.where.topic);
        });
  }
};

const Registration<Checker> registration({
    .name = "acked-lost",
    .help = "acked, yet absent from the log",
    .options = {},
    .make = [](const Options&) -> std::unique_ptr<Checker> {
      return std::make_unique<AckedLost>();
    },
});

}  // namespace
}  // namespace seatrial::checkers
