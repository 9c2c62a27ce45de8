// What the deletion of a topic explains, and what it does not.
#include "checkers/deletions.hpp"

#include <algorithm>

#include "core/registry.hpp"
#include "support/catch.hpp"
#include "support/text.hpp"

namespace seatrial::checkers {
namespace {

Finding found_on(const std::string& anomaly, const std::string& topic) {
  return {anomaly, "produce", {topic, 0}, 3, Allowance::violation, "It was promised.", {}};
}

TEST_CASE("what went with a deleted topic was no broken promise, and says so") {
  std::vector<Finding> findings{found_on("acked-lost", "orders"),
                                found_on("acked-lost", "payments"),
                                found_on("group-skipped", "orders"), found_on("corrupt", "orders")};
  explain_deletions({"orders"}, findings);
  CHECK(findings[0].allowance == Allowance::expected);
  CHECK(findings[0].count == 3);
  CHECK(test::contains(findings[0].why, "deleted meanwhile"));
  CHECK(findings[1].allowance == Allowance::violation);
  CHECK(findings[1].why == "It was promised.");
  CHECK(findings[2].allowance == Allowance::expected);
  CHECK(findings[3].allowance == Allowance::violation);  // nothing explains damage
}

TEST_CASE("what deletions explain are anomalies that there are") {
  std::vector<Finding> all;
  for (const auto& name : Registry<Checker>::instance().names())
    all.push_back(found_on(name, "orders"));
  explain_deletions({"orders"}, all);
  const auto expected = std::count_if(all.begin(), all.end(), [](const Finding& finding) {
    return finding.allowance == Allowance::expected;
  });
  CHECK(expected == 17);
  explain_deletions({}, all);
}

}  // namespace
}  // namespace seatrial::checkers
