// sent-lost: messages sent with acks=0 that are not in the log.
// Cost: linear in the intervals of each stream.
#include <memory>

#include "checkers/common.hpp"
#include "core/registry.hpp"

namespace seatrial::checkers {
namespace {

class SentLost final : public Checker {
 public:
  [[nodiscard]] std::string definition() const override {
    return "A message sent with acks=0, hence without any answer, which a complete read of its "
           "partition did not find. Nothing was promised, so it is expected wherever it is seen. "
           "Partitions that were not read completely, or whose beginning was deleted, yield no "
           "claim.";
  }
  [[nodiscard]] Need needs() const override { return Need::no_acks; }
  [[nodiscard]] std::string column() const override { return "sent lost"; }
  [[nodiscard]] std::vector<Finding> check(const History& history) const override {
    return gather(
        history, "sent-lost", "sent with acks=0, and absent from the log",
        [&](const StreamHistory& s) {
          const bool decided = absence_is_open(history, s, Promise::sent).empty() &&
                               !history.contract.compacts(s.where.topic);
          return decided ? s.sent.minus(s.present) : IntervalSet{};
        },
        [&](const StreamHistory& s) {
          return rule_loss(history.contract, s.workload, s.where.topic);
        });
  }
};

const Registration<Checker> registration({
    .name = "sent-lost",
    .help = "sent with acks=0, and absent from the log",
    .options = {},
    .make = [](const Options&) -> std::unique_ptr<Checker> { return std::make_unique<SentLost>(); },
});

}  // namespace
}  // namespace seatrial::checkers
