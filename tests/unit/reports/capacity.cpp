// A search for capacity as console and page tell it: points, knee, intervals, the law, and a page
// that holds them.
#include "reports/capacity.hpp"

#include <nlohmann/json.hpp>

#include "support/catch.hpp"
#include "unit/reports/capacity_records.hpp"
#include "unit/reports/records.hpp"

using nlohmann::json;
using seatrial::View;
namespace reports = seatrial::reports;
using reports::test::capacity_record;
using reports::test::over_partitions;

namespace {

std::size_t times_in(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

View first_search(const json& record) { return View(record)["capacity"]["searches"].at(0); }

}  // namespace

TEST_CASE("capacity: every trial is a point of throughput, and says something or not") {
  const json record = capacity_record();
  const auto points = reports::load_points(View(record), first_search(record));
  REQUIRE(points.size() == 7);
  CHECK(points.front().per_s == 1000);
  CHECK(points.front().ns[0][1] == 2e6);
  CHECK(points.front().ns[1][1] == 1.5e6);
  CHECK_FALSE(points.front().ns[0][2]);          // too few samples for a p99.9
  CHECK(points.back().per_s == Approx(14'400));  // of 16,000 that fell due 90 % were acked
  CHECK_FALSE(points[1].says);
}

TEST_CASE("capacity: the knee is furthest below the chord") {
  const json record = capacity_record();
  const auto knee = reports::knee_of(reports::load_points(View(record), first_search(record)));
  REQUIRE(knee);
  CHECK(knee->per_s == 8000);
  // From (0, 0) to (1, 1); 8,000 lies at 7/13.4 and 6/198.
  CHECK(knee->distance == Approx((7 / 13.4 - 6.0 / 198) / std::sqrt(2.0)).epsilon(1e-6));
}

TEST_CASE("capacity: a straight line has no knee, nor have three loads") {
  json straight = capacity_record();
  double ms = 2;
  for (json& load : straight["capacity"]["searches"][0]["loads"]) {
    const auto trial = load["trials"][0]["trial"].get<std::size_t>();
    auto& rows = straight["trials"][trial]["workloads"][0]["latency"]["response"]["percentiles"];
    ms = load["per_s"].get<double>() / 1000;
    rows[1]["ns"] = ms * 1e6;
  }
  straight["capacity"]["searches"][0]["loads"].back()["trials"][0]["achieved_share"] = 1.0;
  CHECK_FALSE(reports::knee_of(reports::load_points(View(straight), first_search(straight))));
  json few = capacity_record();
  auto& loads = few["capacity"]["searches"][0]["loads"];
  loads.erase(loads.begin() + 2, loads.end() - 1);
  CHECK_FALSE(reports::knee_of(reports::load_points(View(few), first_search(few))));
}

TEST_CASE("capacity: intervals in words") {
  const auto words = [](json search) { return reports::interval_text(View(search)); };
  CHECK(words({{"outcome", "interval"}, {"lower_per_s", 7900.4}, {"upper_per_s", 8300}}) ==
        "7,900/s to 8,300/s");
  CHECK(words({{"outcome", "at_least"}, {"lower_per_s", 12'000}}) == "at least 12,000/s");
  CHECK(words({{"outcome", "at_most"}, {"upper_per_s", 2.5}}) == "below 2.5/s");
  CHECK(words({{"outcome", "undecided"}, {"lower_per_s", 1}}) == "undecided");
  CHECK(words({{"outcome", "open"}, {"lower_per_s", 500}}) == "at least 500/s, not ended");
  CHECK(words(json::object()) == "undecided");
}

TEST_CASE("capacity: targets of latency are lines, others are not") {
  const json capacity{{"slo",
                       {"p99(produce.response) <= 20ms", "p99.9(service) < 1.5s", "acked_lost == 0",
                        "response", "max(response) <= nonsense"}}};
  const auto targets = reports::latency_targets(View(capacity));
  REQUIRE(targets.size() == 2);
  CHECK(targets[0].ns == 20e6);
  CHECK(targets[1].ns == 1.5e9);
}

TEST_CASE("capacity: the law in sentences, with its error and how far it looks") {
  const json record = over_partitions();
  const auto said = reports::scaling_sentences(View(record)["capacity"]["scaling"]);
  REQUIRE(said.size() == 3);
  CHECK(said[0] ==
        "Universal Scalability Law over partitions: one does 20,000/s, contention 0.0294 (0.01 to "
        "0.05), coherency 0.0101 (0.005 to 0.015).");
  CHECK(said[1] == "Predicted from the other values alone, the largest comes out +1.7 % off.");
  CHECK(said[2] ==
        "Most is reached at 9. It says nothing beyond 16, twice the largest value measured.");
  const json refused{{"refused", "too few"}, {"left_out", {"partitions=8 is not in the fit"}}};
  CHECK(reports::scaling_sentences(View(refused)) ==
        std::vector<std::string>{"No scalability law was fitted: too few.",
                                 "partitions=8 is not in the fit"});
}

TEST_CASE("capacity: the page draws the curve with target, interval, knee and hollow points") {
  const std::string html = reports::test::render_page(capacity_record());
  CHECK(html.find("id=\"capacity\"") != std::string::npos);
  CHECK(html.find("knee 8,000/s") != std::string::npos);
  CHECK(html.find("p99(produce.response) &lt;= 20ms") != std::string::npos);
  CHECK(html.find("<title>8,000/s to 8,400/s</title>") != std::string::npos);
  // The invalid trial: p50 and p99 of response and service, in the wide and the narrow drawing.
  CHECK(times_in(html, "hollow dot\"") == 8);
  CHECK(html.find("broker_cpu: node 1 used 0.49 of its 0.5 cores") != std::string::npos);
  CHECK(reports::test::render_page(reports::test::record("quickstart")).find("id=\"capacity\"") ==
        std::string::npos);
}

TEST_CASE("capacity: the page draws an interval for each value, with the law, and a map of two") {
  const std::string over = reports::test::render_page(over_partitions());
  CHECK(over.find("Capacity over partitions") != std::string::npos);
  CHECK(over.find("Universal Scalability Law") != std::string::npos);
  CHECK(over.find("data-series=\"law\"") != std::string::npos);
  CHECK(over.find("data-path=\"/capacity/scaling/sigma/value\"") != std::string::npos);
  const std::string map = reports::test::render_page(reports::test::map_of_two());
  CHECK(map.find("Capacity over partitions and acks") != std::string::npos);
  CHECK(map.find("heat h5") != std::string::npos);
  CHECK(map.find("&gt;= 40,000/s") != std::string::npos);
}

TEST_CASE("capacity: a record cut short anywhere still makes a page") {
  const json whole = capacity_record();
  for (const auto& [key, value] : whole["capacity"].items()) {
    json cut = whole;
    cut["capacity"].erase(key);
    CHECK_FALSE(reports::test::render_page(cut).empty());
  }
  for (const auto& [key, value] : whole["capacity"]["searches"][0].items()) {
    json cut = whole;
    cut["capacity"]["searches"][0].erase(key);
    CHECK_FALSE(reports::test::render_page(cut).empty());
  }
  json without = whole;
  without.erase("trials");
  CHECK_FALSE(reports::test::render_page(without).empty());
}

TEST_CASE("capacity: the console says the law, too") {
  const std::string text =
      reports::test::render_console(over_partitions(), {.colour = false, .width = 100});
  CHECK(text.find("Universal Scalability Law over partitions") != std::string::npos);
  CHECK(text.find("broker_cpu: node 1 used 0.49 of its 0.5 cores") != std::string::npos);
  CHECK(text.find("variants") == std::string::npos);
}
