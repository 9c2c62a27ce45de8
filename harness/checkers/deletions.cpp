// By the names of anomalies.
#include "checkers/deletions.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace seatrial::checkers {
namespace {

constexpr std::array<std::string_view, 17> explained{
    // what is gone
    "acked-lost", "sent-lost", "latest-value-lost", "log-truncation", "deleted-too-early",
    "tombstone-removed-early", "torn", "exactly-once-violation",
    // what began anew
    "inconsistent-offset", "offset-reuse", "nonmonotonic-send", "reordered",
    // where groups stood
    "group-skipped", "poll-skip", "nonmonotonic-poll", "unseen", "committed-beyond-delivered"};

}  // namespace

void explain_deletions(const std::set<std::string>& deleted, std::vector<Finding>& findings) {
  for (Finding& finding : findings) {
    if (!deleted.contains(finding.where.topic)) continue;
    if (std::ranges::find(explained, finding.anomaly) == explained.end()) continue;
    finding.allowance = Allowance::expected;
    finding.why =
        "The topic was deleted meanwhile: what it held went with it, and its offsets began anew.";
  }
}

}  // namespace seatrial::checkers
