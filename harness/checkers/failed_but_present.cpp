// failed-but-present: messages that certainly failed, and are in the log all the same.
// Cost: linear in the intervals of each stream.
#include <memory>

#include "checkers/common.hpp"
#include "core/registry.hpp"

namespace seatrial::checkers {
namespace {

class FailedButPresent final : public Checker {
 public:
  [[nodiscard]] std::string definition() const override {
    return "A message whose producer was told that no attempt stored it, and which is in the log "
           "(G1a, an aborted read, in the terms of transactions). Always a violation: an "
           "application would have sent the message again, or dropped what depends on it.";
  }
  [[nodiscard]] std::vector<Finding> check(const History& history) const override {
    return gather(
        history, "failed-but-present", "failed, and yet in the log",
        [](const StreamHistory& s) { return s.failed.intersect(s.present); },
        [](const StreamHistory&) {
          return Ruling{Allowance::violation,
                        "A message counts as failed only where no attempt can have stored it."};
        });
  }
};

const Registration<Checker> registration({
    .name = "failed-but-present",
    .help = "reported as certainly failed, yet in the log",
    .options = {},
    .make = [](const Options&) -> std::unique_ptr<Checker> {
      return std::make_unique<FailedButPresent>();
    },
});

}  // namespace
}  // namespace seatrial::checkers
