// offset-reuse: acks with an offset that had been given away before.
// Cost: linear in the streams.
#include <memory>

#include "checkers/common.hpp"
#include "core/registry.hpp"

namespace seatrial::checkers {
namespace {

class OffsetReuse final : public Checker {
 public:
  [[nodiscard]] std::string definition() const override {
    return "A message that was acked at an offset at or below the highest one that its "
           "stream had been acked at before this message was opened for sending: the log "
           "had been longer, and was cut. Judged as the acks come, within a stream (one "
           "producer, one partition). Allowed where loss is allowed.";
  }
  [[nodiscard]] std::vector<Finding> check(const History& history) const override {
    return gather_stream_sightings(history, "offset-reuse", &StreamHistory::offset_reuse,
                                   [&](const StreamHistory& s) {
                                     return rule_loss(history.contract, s.workload, s.where.topic);
                                   });
  }
};

const Registration<Checker> registration({
    .name = "offset-reuse",
    .help = "acked at an offset that was acked before the message was sent",
    .options = {},
    .make = [](const Options&) -> std::unique_ptr<Checker> {
      return std::make_unique<OffsetReuse>();
    },
});

}  // namespace
}  // namespace seatrial::checkers
