// Which figures lead, and what a variant's trials answer.
#include "judge/asked.hpp"

#include <nlohmann/json.hpp>

#include "support/catch.hpp"

namespace seatrial::judge {
namespace {

using nlohmann::json;
using scenario::Expectation;

Expectation expecting(const std::string& that, bool of_some_variants = false,
                      bool control = false) {
  Expectation out;
  const auto error = scenario::parse_that(that, out);
  INFO((error ? error->message : ""));
  REQUIRE_FALSE(error);
  if (of_some_variants) out.where = {{"acks", {"1"}}};
  out.control = control;
  return out;
}

std::vector<std::string> texts(const std::vector<MetricQuestion>& questions) {
  std::vector<std::string> out;
  for (const auto& question : questions) out.push_back(scenario::question_text(question));
  return out;
}

json trial_with(std::uint64_t skipped) {
  return {{"index", 0},
          {"verdict", "pass"},
          {"workloads", {{{"name", "read"}, {"kind", "consumer"}, {"totals", {{"consumed", 9}}}}}},
          {"audit", {{"status", "complete"}}},
          {"findings", {{{"anomaly", "group-skipped"}, {"workload", "read"}, {"count", skipped}}}}};
}

TEST_CASE("what tells variants apart leads, then what all must hold, losses and controls last") {
  const std::vector<Expectation> expectations{expecting("acked_lost == 0"),
                                              expecting("produce.expired > 0", false, true),
                                              expecting("duplicate == 0"),
                                              expecting("group_skipped > 0", true, true),
                                              expecting("p99(produce.response) < 1s", true),
                                              expecting("group_skipped == 0", true)};
  CHECK(texts(asked(expectations, {})) ==
        std::vector<std::string>{"group_skipped", "p99(produce.response)", "duplicate",
                                 "acked_lost", "produce.expired"});
}

TEST_CASE("a loss that tells variants apart leads, and what is shown by wish replaces all") {
  CHECK(texts(asked({expecting("duplicate == 0"), expecting("acked_lost == 0", true)}, {})) ==
        std::vector<std::string>{"acked_lost", "duplicate"});
  CHECK(texts(asked({expecting("duplicate == 0")}, {{"max", "", "unavailability", false}})) ==
        std::vector<std::string>{"max(unavailability)"});
  CHECK(asked({}, {}).empty());
}

TEST_CASE("a variant answers with the span of its trials, invalid ones too") {
  json missed = trial_with(3);
  missed["verdict"] = "invalid";
  const json first = trial_with(40);
  const auto found =
      answers({{"", "", "group_skipped", false}, {"p99", "read", "end_to_end", false}},
              {View(first), View(missed)});
  REQUIRE(found.size() == 2);
  CHECK(found[0].question == "group_skipped");
  CHECK(found[0].metric == "group_skipped");
  CHECK_FALSE(found[0].meaning.empty());
  CHECK(found[0].observed == "3 to 40 (2 trials)");
  CHECK(found[0].why.empty());
  CHECK(found[1].question == "p99(read.end_to_end)");
  CHECK(found[1].metric.empty());
  CHECK(found[1].observed == "nothing");
  CHECK_FALSE(found[1].why.empty());
}

}  // namespace
}  // namespace seatrial::judge
