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
    return "A message that was acked, or sent with acks=0, and was not found by a read "
           "that proves nothing about it: its partition was not read to its end, or the "
           "beginning of the log was deleted and nobody can tell on which side of the "
           "log's start it stood. Neither lost nor fine. The verdict of such a trial is "
           "unknown, save for the few messages next to a log's start: of those nothing is "
           "claimed, and the rest is judged.";
  }
  [[nodiscard]] CountOf count_of() const override { return CountOf::nothing; }
  [[nodiscard]] std::vector<Finding> check(const History& history) const override {
    return gather(
        history, "undecided", "not found, and not decided",
        [&](const StreamHistory& s) {
          if (history.contract.compacts(s.where.topic)) return IntervalSet{};
          const bool acked_open = !absence_is_open(history, s, Promise::acked).empty();
          IntervalSet absent = acked_open ? s.acked.minus(s.present) : s.maybe_expired;
          if (absence_is_open(history, s, Promise::sent).empty()) return absent;
          const IntervalSet unanswered = s.sent.minus(s.present);
          for (const auto& i : unanswered.intervals()) absent.insert(i.begin, i.end);
          return absent;
        },
        [&](const StreamHistory& s) {
          const std::string open = absence_is_open(history, s, Promise::acked);
          return Ruling{Allowance::neutral,
                        open.empty() ? "Not decided: whether retention deleted them, or they stood "
                                       "above the log's start and are lost."
                                     : "Not decided: " + open + "."};
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
