// unacked-present: messages without a known outcome that turn out to be in the log.
// Cost: linear in the intervals of each stream.
#include <memory>

#include "checkers/common.hpp"
#include "core/registry.hpp"

namespace seatrial::checkers {
namespace {

class UnackedPresent final : public Checker {
 public:
  [[nodiscard]] std::string definition() const override {
    return "A message that never got an outcome (its delivery timed out, or its producer died), "
           "and which is in the log. Allowed under every setting; its count says how much of the "
           "unknown was in truth stored.";
  }
  [[nodiscard]] std::vector<Finding> check(const History& history) const override {
    return gather(
        history, "unacked-present", "outcome unknown, and in the log",
        [](const StreamHistory& s) {
          return s.present.minus(s.acked).minus(s.failed).minus(s.sent);
        },
        [](const StreamHistory&) {
          return Ruling{Allowance::neutral,
                        "A message without an outcome may or may not have been stored."};
        });
  }
};

const Registration<Checker> registration({
    .name = "unacked-present",
    .help = "without a known outcome, found in the log",
    .options = {},
    .make = [](const Options&) -> std::unique_ptr<Checker> {
      return std::make_unique<UnackedPresent>();
    },
});

}  // namespace
}  // namespace seatrial::checkers
