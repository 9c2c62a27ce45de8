// inconsistent-offsets: operations disagree about what lies at an offset.
// Cost: linear in the logs.
#include <memory>

#include "core/registry.hpp"
#include "operations/checker.hpp"

namespace seatrial::operations {
namespace {

class InconsistentOffsets final : public OperationChecker {
 public:
  [[nodiscard]] std::string definition() const override {
    return "Committed sends and polls tell of different messages at one offset of one key. An "
           "info send counts only if another message of its operation was polled. Always a "
           "violation: it means that a leader's log was cut and written anew, or that a client "
           "was told a wrong offset. In a live trial these are inconsistent-offset and "
           "offset-reuse.";
  }
  void check(const Facts& facts, Findings& findings) const override {
    const History& history = facts.history();
    for (std::uint32_t id = 0; id < history.keys.size(); ++id) {
      const auto log = facts.log(KeyId{id});
      for (std::size_t begin = 0, end = 0; begin < log.size(); begin = end) {
        while (end < log.size() && log[end].offset == log[begin].offset) ++end;
        if (end - begin < 2) continue;
        Finding finding{.key = KeyId{id}};
        for (std::size_t i = begin; i < end; ++i) {
          finding.values.push_back(log[i].message);
          finding.offsets.push_back(log[i].offset);
        }
        findings.add(std::move(finding));
      }
    }
    findings.add_witnesses(facts, "saw it there");
  }
};

const Registration<OperationChecker> registration({
    .name = "inconsistent-offsets",
    .help = "one offset, several messages",
    .options = {},
    .make = [](const Options&) -> std::unique_ptr<OperationChecker> {
      return std::make_unique<InconsistentOffsets>();
    },
});

}  // namespace
}  // namespace seatrial::operations
