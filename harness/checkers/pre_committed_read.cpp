// pre-committed-read: what a group under read_committed was given, and was not committed then.
// Cost: n log n in the transactions of each stream, and linear in its polls and intervals.
#include <algorithm>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "checkers/transactions.hpp"
#include "core/registry.hpp"

namespace seatrial::checkers {
namespace {

// What one group was given of one stream, and must not have been.
struct Early {
  IntervalSet uncommitted;  // in the end, too
  IntervalSet before_asked;
};

// Sent within transactions whose commit was first asked for after these had been handed over. Times
// of handing over are taken after the poll that brought the messages, those of asking before the
// first call, both by one clock: what is later by them was later in truth.
IntervalSet before_asked(const std::vector<HandedOver>& handed,
                         const std::vector<const TransactionHistory*>& transactions,
                         StreamId stream) {
  IntervalSet out;
  std::vector<std::pair<StreamSpan, Instant>> asked;
  for (const TransactionHistory* transaction : transactions) {
    for (const StreamSpan& span : transaction->writes) {
      if (span.stream == stream) asked.emplace_back(span, transaction->commit_asked);
    }
  }
  std::ranges::sort(asked, {}, [](const auto& one) { return one.first.begin; });
  for (const HandedOver& batch : handed) {
    // A stream's transactions come one after the other, so their spans do not overlap.
    auto at = std::ranges::upper_bound(asked, batch.begin, {},
                                       [](const auto& one) { return one.first.end; });
    for (; at != asked.end() && at->first.begin < batch.end; ++at) {
      if (batch.at >= at->second) continue;
      out.insert(std::max(batch.begin, at->first.begin), std::min(batch.end, at->first.end));
    }
  }
  return out;
}

class PreCommittedRead final : public Checker {
 public:
  [[nodiscard]] std::string definition() const override {
    return "A message that a consumer group under read_committed was given too early: before its "
           "producer had asked for the commit of its transaction, whether or not that was "
           "committed afterwards; or one that the complete log holds as not committed, of a "
           "transaction that was aborted or has never ended. The time of giving is taken after "
           "the poll that brought the message, the time of asking before the first call, both by "
           "the machine's steady clock, so what is counted was early; what waited in the client "
           "for longer than it was early, or was given after the asking and before the commit "
           "held, leaves no trace and is not counted. Always a violation.";
  }
  [[nodiscard]] CountOf count_of() const override { return CountOf::consumed; }
  [[nodiscard]] Need needs() const override { return Need::transactions_beside; }
  [[nodiscard]] std::vector<Finding> check(const History& history) const override {
    const StreamTable streams(history);
    const auto transactions = committing(history);
    std::map<std::pair<std::string, TopicPartition>, Finding> by_place;
    for (const GroupHistory& group : history.groups) {
      if (!group.read_committed) continue;
      for (const auto& [id, delivered] : group.delivered) {
        const StreamHistory* stream = streams.find(id);
        if (stream == nullptr) continue;
        Early early;
        if (visibility_is_known(history, stream->where)) {
          early.uncommitted = delivered.intersect(stream->present.minus(stream->committed));
        }
        const auto handed = group.handed_over.find(id);
        const auto of = transactions.find(stream->workload);
        if (handed != group.handed_over.end() && of != transactions.end()) {
          early.before_asked =
              before_asked(handed->second, of->second, id).minus(early.uncommitted);
        }
        add(group, *stream, early, by_place[{group.workload, stream->where}]);
      }
    }
    std::vector<Finding> findings;
    for (auto& [place, finding] : by_place) {
      if (finding.count > 0) findings.push_back(std::move(finding));
    }
    return findings;
  }

 private:
  using ByWorkload = std::map<std::string, std::vector<const TransactionHistory*>>;

  // Those whose commit was asked for, at a time that is known.
  static ByWorkload committing(const History& history) {
    ByWorkload out;
    for (const TransactionHistory& transaction : history.transactions) {
      if (transaction.commit_asked != Instant{}) out[transaction.workload].push_back(&transaction);
    }
    return out;
  }

  static void add(const GroupHistory& group, const StreamHistory& stream, const Early& early,
                  Finding& finding) {
    const auto one = [&](const IntervalSet& messages, const char* what) {
      if (messages.empty()) return;
      finding.count += messages.count();
      if (finding.examples.size() >= max_examples) return;
      finding.examples.push_back({stream.stream, Seq{messages.intervals().front().begin},
                                  stream.where, -1, "given to group '" + group.group + what});
    };
    finding.anomaly = "pre-committed-read";
    finding.workload = group.workload;
    finding.where = stream.where;
    finding.allowance = Allowance::violation;
    finding.why = "Under read_committed nothing is given before its transaction is committed.";
    one(early.uncommitted, "', never committed");
    one(early.before_asked, "', before its commit was asked for");
  }
};

const Registration<Checker> registration({
    .name = "pre-committed-read",
    .help = "given under read_committed, and not committed by then",
    .options = {},
    .make = [](const Options&) -> std::unique_ptr<Checker> {
      return std::make_unique<PreCommittedRead>();
    },
});

}  // namespace
}  // namespace seatrial::checkers
