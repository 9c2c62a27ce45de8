// pre-committed-read: what a group under read_committed was given, and was not committed.
// Cost: linear in the intervals of each group's streams.
#include <map>
#include <memory>
#include <utility>

#include "checkers/transactions.hpp"
#include "core/registry.hpp"

namespace seatrial::checkers {
namespace {

class PreCommittedRead final : public Checker {
 public:
  [[nodiscard]] std::string definition() const override {
    return "A message that a consumer group under read_committed was given, and which the "
           "complete log holds as not committed: of a transaction that was aborted, or has never "
           "ended. It was handed over before its commit, which never came. A message handed over "
           "too early whose transaction was committed afterwards leaves no trace, and is not "
           "counted. Always a violation.";
  }
  [[nodiscard]] std::vector<Finding> check(const History& history) const override {
    const StreamTable streams(history);
    std::map<std::pair<std::string, TopicPartition>, Finding> by_place;
    for (const GroupHistory& group : history.groups) {
      if (!group.read_committed) continue;
      for (const auto& [id, delivered] : group.delivered) {
        const StreamHistory* stream = streams.find(id);
        if (stream == nullptr || !visibility_is_known(history, stream->where)) continue;
        const IntervalSet early = delivered.intersect(stream->present.minus(stream->committed));
        if (early.empty()) continue;
        Finding& finding = by_place[{group.workload, stream->where}];
        finding.anomaly = "pre-committed-read";
        finding.workload = group.workload;
        finding.where = stream->where;
        finding.allowance = Allowance::violation;
        finding.why = "Under read_committed nothing is given before its transaction is committed.";
        finding.count += early.count();
        if (finding.examples.size() >= max_examples) continue;
        finding.examples.push_back({stream->stream, Seq{early.intervals().front().begin},
                                    stream->where, -1,
                                    "given to group '" + group.group + "', never committed"});
      }
    }
    std::vector<Finding> findings;
    for (auto& [place, finding] : by_place) findings.push_back(std::move(finding));
    return findings;
  }
};

const Registration<Checker> registration({
    .name = "pre-committed-read",
    .help = "given to a group under read_committed, and not committed",
    .options = {},
    .make = [](const Options&) -> std::unique_ptr<Checker> {
      return std::make_unique<PreCommittedRead>();
    },
});

}  // namespace
}  // namespace seatrial::checkers
