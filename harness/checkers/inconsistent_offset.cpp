// inconsistent-offset: messages acked at one offset and found at another.
// Cost: linear in the streams; the comparing is the audit's, by sums over blocks of offsets.
#include <memory>

#include "checkers/common.hpp"
#include "core/registry.hpp"

namespace seatrial::checkers {
namespace {

class InconsistentOffset final : public Checker {
 public:
  [[nodiscard]] std::string definition() const override {
    return "A message whose producer was told one offset and which the audit found at "
           "another, so that one partition and offset stand for two messages. Compared by "
           "blocks of 256 offsets (more in long logs): how many messages were acked there "
           "and found there, and a sum of a hash over offset and sequence. Counts "
           "messages, at least as many as that proves: in a block with more messages found "
           "than acked the surplus, in one with as many but others one, or the number of "
           "those found outside of the offsets at which they and their neighbours were acked "
           "if that is more (exact while a stream is short enough to keep each offset). "
           "A block that differs because of lost, duplicate or damaged messages, of acks "
           "without an offset, or because the log's start cuts through it, is undecided. A "
           "violation under any settings, unless the topic was deleted meanwhile.";
  }
  [[nodiscard]] std::vector<Finding> check(const History& history) const override {
    return gather_stream_sightings(
        history, "inconsistent-offset", &StreamHistory::inconsistent_offset,
        [](const StreamHistory&) {
          return Ruling{
              Allowance::violation,
              "The offset of an ack names the record for good; no setting lets it name another."};
        });
  }
};

const Registration<Checker> registration({
    .name = "inconsistent-offset",
    .help = "acked at one offset, found at another",
    .options = {},
    .make = [](const Options&) -> std::unique_ptr<Checker> {
      return std::make_unique<InconsistentOffset>();
    },
});

}  // namespace
}  // namespace seatrial::checkers
