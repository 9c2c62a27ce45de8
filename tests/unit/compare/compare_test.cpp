// Runs side by side: settings that differ are told from those that agree, changes have intervals
// where there are repeats on both sides.
#include "compare/compare.hpp"

#include <cmath>
#include <nlohmann/json.hpp>

#include "reports/compare.hpp"
#include "support/catch.hpp"
#include "support/text.hpp"

namespace seatrial::compare {
namespace {

using nlohmann::json;
using test::contains;

json run_of(const std::string& version, const std::string& linger, std::vector<double> p50_ns) {
  json out{{"run", {{"id", "run-" + version}, {"program", "seatrial 1"}}},
           {"scenario", {{"name", "s"}}},
           {"cluster", {{"version", version}, {"kind", "local"}}},
           {"environment", {{"cores", 2}}},
           {"labels", {{"commit", "c" + version}}},
           {"verdict", {{"overall", "pass"}}}};
  for (const double p50 : p50_ns) {
    out["trials"].push_back(
        {{"variant", "acks=all"},
         {"status", "finished"},
         {"workloads",
          {{{"name", "produce"},
            {"kind", "producer"},
            {"effective_config", {{"linger.ms", linger}, {"acks", "all"}}},
            {"totals", {{"intended", 10}, {"acked", 10}}},
            {"latency",
             {{"response", {{"count", 5000}, {"percentiles", {{{"p", 50.0}, {"ns", p50}}}}}}}}}}}});
  }
  return out;
}

json row_of(const json& comparison, const std::string& metric) {
  for (const auto& row : comparison.at("rows"))
    if (row.at("metric") == metric) return row;
  return nullptr;
}

TEST_CASE("settings that differ are marked, and the others are not") {
  const json a = run_of("4.2.0", "5", {1e6}), b = run_of("4.3.1", "5", {1e6});
  const json out = compare({{"a", View(a)}, {"b", View(b)}});
  std::map<std::string, bool> differs;
  for (const auto& setting : out.at("settings"))
    differs[setting.at("name")] = setting.at("differs");
  CHECK(differs.at("cluster.version"));
  CHECK(differs.at("label commit"));
  CHECK_FALSE(differs.at("cluster.kind"));
  CHECK_FALSE(differs.at("environment.cores"));
  CHECK_FALSE(differs.at("acks=all: produce.linger.ms"));
  CHECK(out.at("runs").at(1).at("labels").at("commit") == "c4.3.1");
}

TEST_CASE("a change has an interval where both runs have repeats, and else its value alone") {
  const json a = run_of("1", "5", {1.0e6, 1.1e6, 1.05e6, 1.02e6}),
             b = run_of("2", "5", {2.0e6, 2.2e6, 2.1e6, 2.04e6}), once = run_of("3", "5", {2e6});
  const json out = compare({{"a", View(a)}, {"b", View(b)}, {"c", View(once)}});
  const json row = row_of(out, "p50(produce.response)");
  REQUIRE(row.is_object());
  CHECK(row["unit"] == "ns");
  CHECK(row["of"][0]["trials"] == 4);
  CHECK(row["change"][0]["value"].get<double>() == Approx(std::log(2.0)).margin(0.03));
  CHECK(row["change"][0]["low"].get<double>() > 0);
  CHECK(row["change"][1].contains("value"));
  CHECK_FALSE(row["change"][1].contains("low"));
}

TEST_CASE("what a run does not have is no number and no crash") {
  const json a = run_of("1", "5", {1e6}), empty = json::object();
  const json out = compare({{"a", View(a)}, {"nothing", View(empty)}});
  CHECK(row_of(out, "p50(produce.response)")["of"][1].is_null());
  const auto text = reports::compare_text(View(out), {});
  CHECK(contains(text, "no verdict"));
  CHECK(contains(text, "p50(produce.response)"));
  const auto page = reports::compare_page(View(out));
  CHECK(contains(page, "No verdict"));
  CHECK(contains(page, "</html>"));
}

}  // namespace
}  // namespace seatrial::compare
