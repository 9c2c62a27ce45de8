// nonmonotonic-send: acks whose offsets do not ascend with the sequence.
// Cost: linear in the streams.
#include <memory>

#include "checkers/common.hpp"
#include "core/registry.hpp"

namespace seatrial::checkers {
namespace {

class NonmonotonicSend final : public Checker {
 public:
  [[nodiscard]] std::string definition() const override {
    return "A message of a stream that was acked at an offset at or below that of a "
           "message sent before it. Judged as the acks come: the newest message of the "
           "stream is compared with the highest offset so far, and one that settles out of "
           "turn with the newest. Expected where retries may overtake each other or loss "
           "is allowed (a log that was cut gives offsets anew), else a violation.";
  }
  [[nodiscard]] std::vector<Finding> check(const History& history) const override {
    return gather_stream_sightings(
        history, "nonmonotonic-send", &StreamHistory::nonmonotonic_send,
        [&](const StreamHistory& s) { return rule_ascent(history, s.workload, s.where.topic); });
  }
};

const Registration<Checker> registration({
    .name = "nonmonotonic-send",
    .help = "acked offsets go down within a stream",
    .options = {},
    .make = [](const Options&) -> std::unique_ptr<Checker> {
      return std::make_unique<NonmonotonicSend>();
    },
});

}  // namespace
}  // namespace seatrial::checkers
