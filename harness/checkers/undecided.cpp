// undecided: promised messages of which nobody can say whether they are lost.
// Cost: linear in the intervals of each stream.
#include <memory>

#include "checkers/common.hpp"
#include "core/registry.hpp"

namespace seatrial::checkers {
namespace {

class UndecidedMessages final : public Checker {
 public:
  [[nodiscard]] std::string definition() const override {
    return "A message that was acked, or sent with acks=0, and was not found by a read that "
           "proves nothing about it: its partition was not read to its end, or the beginning of "
           "the log was deleted meanwhile. Neither lost nor fine; the verdict of such a trial is "
           "unknown.";
  }
  [[nodiscard]] std::vector<Finding> check(const History& history) const override {
    return gather(
        history, "undecided", "not found, and not decided",
        [&](const StreamHistory& s) {
          if (absence_is_open(history, s.where).empty()) return IntervalSet{};
          if (history.contract.compacts(s.where.topic)) return IntervalSet{};
          IntervalSet absent = s.acked.minus(s.present);
          const IntervalSet unanswered = s.sent.minus(s.present);
          for (const auto& i : unanswered.intervals()) absent.insert(i.begin, i.end);
          return absent;
        },
        [&](const StreamHistory& s) {
          return Ruling{Allowance::neutral,
                        "Not decided: " + absence_is_open(history, s.where) + "."};
        });
  }
};

const Registration<Checker> registration({
    .name = "undecided",
    .help = "acked or sent, not found, but the read proves nothing",
    .options = {},
    .make = [](const Options&) -> std::unique_ptr<Checker> {
      return std::make_unique<UndecidedMessages>();
    },
});

}  // namespace
}  // namespace seatrial::checkers
