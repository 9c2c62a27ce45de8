// log-truncation: a log that ends at or below an offset that was acked.
// Cost: linear in the streams.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "checkers/common.hpp"
#include "core/registry.hpp"

namespace seatrial::checkers {
namespace {

class LogTruncation final : public Checker {
 public:
  [[nodiscard]] std::string definition() const override {
    return "The log's end, sampled after healing, is at or below the highest offset that was "
           "acked: what stood there was cut off, and nothing has been appended since. Counts "
           "offsets, not messages. Which messages are gone is acked-lost's to say; a log that "
           "grew past the cut shows there only. Allowed where loss is allowed.";
  }
  [[nodiscard]] std::vector<Finding> check(const History& history) const override {
    std::map<std::pair<std::string, TopicPartition>, std::int64_t> highest;
    for (const StreamHistory& s : history.streams) {
      auto& of = highest.try_emplace({s.workload, s.where}, -1).first->second;
      of = std::max(of, s.max_acked_offset);
    }
    std::vector<Finding> findings;
    for (const auto& [place, acked] : highest) {
      const auto& [workload, where] = place;
      const auto log = std::ranges::find(history.partitions, where, &PartitionHistory::where);
      if (log == history.partitions.end() || !log->complete || log->log_end > acked) continue;
      const Ruling ruling = rule_loss(history.contract, workload, where.topic);
      findings.push_back({"log-truncation",
                          workload,
                          where,
                          static_cast<std::uint64_t>(acked - log->log_end + 1),
                          ruling.allowance,
                          fmt::format("Offset {} was acked, and the log ends at {}. {}", acked,
                                      log->log_end, ruling.why),
                          {}});
    }
    return findings;
  }
};

const Registration<Checker> registration({
    .name = "log-truncation",
    .help = "the log ends at or below an acked offset",
    .options = {},
    .make = [](const Options&) -> std::unique_ptr<Checker> {
      return std::make_unique<LogTruncation>();
    },
});

}  // namespace
}  // namespace seatrial::checkers
