// Points of the record that are joined where a run is long: what is added, kept, and left out.
#include "record/coarse_points.hpp"

#include <unistd.h>

#include <filesystem>

#include "record/journal.hpp"
#include "record/run_record.hpp"
#include "support/catch.hpp"
#include "support/records.hpp"

namespace seatrial::record {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::size_t kept = 320;

json event(const char* kind, json fields) {
  fields["event"] = kind;
  fields["trial"] = 0;
  return fields;
}

json machine_point(std::int64_t second) {
  return {{"t_s", second},          {"busy", second == 700 ? 1.0 : 0.25},
          {"throttle_ns", 2},       {"dirty_bytes", second},
          {"cached_bytes", second}, {"behind", {{1, second == 500 ? 9 : 1}, {2, 3}}}};
}

json node_point(int node, std::int64_t second) {
  return {
      {"node", node},
      {"t_s", second},
      {"cpu", second == 900 ? 2.0 : 0.5},
      {"rss_bytes", 1000 + second},
      {"write_bytes", 10},
      {"requests", {{"produce", {{"count", 10}, {"total_ns", 100}, {"total_p99_ns", second}}}}}};
}

RunRecord fed(std::int64_t seconds) {
  RunRecord record;
  for (std::int64_t s = -5; s < seconds; ++s) {
    REQUIRE(record.apply(event("append", {{"to", "machine"}, {"items", {machine_point(s)}}})));
    REQUIRE(record.apply(event(
        "append", {{"to", "broker_series"}, {"items", {node_point(1, s), node_point(2, s)}}})));
    REQUIRE(record.apply(
        event("points", {{"workload", "produce"},
                         {"points",
                          {{{"t_s", s},
                            {"intended", 3},
                            {"acked", 2},
                            {"response", {{"count", 3}, {"p50_ns", 5}, {"max_ns", 100 + s}}}}}}})));
    if (s == 600)
      REQUIRE(record.apply(event("fault", {{"index", 0}, {"set", {{"injected_s", 599.3}}}})));
  }
  return record;
}

std::uint64_t sum(const json& points, const char* field) {
  std::uint64_t out = 0;
  for (const json& point : points) out += point.value(field, std::uint64_t{0});
  return out;
}

TEST_CASE("a run of as many seconds as are kept is recorded second by second") {
  const json trial = test::document(fed(kept - 5))["trials"][0];
  CHECK(trial["machine"].size() == kept);
  CHECK(trial["broker_series"].size() == 2 * kept);
  CHECK(trial["series"][0]["points"].size() == kept);
  for (const char* list : {"machine", "broker_series"}) {
    for (const json& point : trial[list]) CHECK_FALSE(point.contains("length_s"));
  }
  CHECK(trial["machine"][7] == machine_point(2));
  CHECK(trial["broker_series"][15] == node_point(2, 2));
}

TEST_CASE("the fold of a long run has a fixed number of points, and their sums") {
  constexpr std::int64_t seconds = 3000;
  const json trial = test::document(fed(seconds))["trials"][0];
  CHECK(trial["machine"].size() <= kept);
  CHECK(trial["broker_series"].size() <= 2 * kept);
  CHECK(trial["series"][0]["points"].size() <= 2 * kept);
  CHECK(sum(trial["machine"], "throttle_ns") == 2 * (seconds + 5));
  CHECK(sum(trial["broker_series"], "write_bytes") == 2 * 10 * (seconds + 5));
  CHECK(sum(trial["series"][0]["points"], "acked") == 2 * (seconds + 5));
  std::uint64_t length = 0;
  for (const json& point : trial["machine"]) length += point.value("length_s", std::uint64_t{1});
  CHECK(length == seconds + 5);
}

const json& point_of(const json& points, std::int64_t second) {
  const auto after = std::ranges::upper_bound(
      points, second, {}, [](const json& p) { return p["t_s"].get<std::int64_t>(); });
  return *std::prev(after);
}

TEST_CASE("of what was held the most stays, of shares the mean and the most") {
  const json trial = test::document(fed(3000))["trials"][0];
  const json& machine = point_of(trial["machine"], 700);
  REQUIRE(machine["length_s"] > 1);
  CHECK(machine["busy_max"] == 1.0);
  CHECK(machine["busy"] > 0.25);
  CHECK(machine["busy"] < 1.0);
  CHECK(point_of(trial["machine"], 500)["behind"] == json({{1, 9}, {2, 3}}));
  const auto last =
      machine["t_s"].get<std::int64_t>() + machine["length_s"].get<std::int64_t>() - 1;
  CHECK(machine["dirty_bytes"] == last);
  CHECK(machine["cached_bytes"] == last);
}

TEST_CASE("a node's points are joined with its own, and requests by their number") {
  const json trial = test::document(fed(3000))["trials"][0];
  double most = 0;
  for (const json& point : trial["broker_series"]) {
    most = std::max(most, point.value("cpu_max", 0.0));
    const auto length = point.value("length_s", std::int64_t{1});
    const json& produce = point["requests"]["produce"];
    CHECK(produce["count"] == 10 * length);
    CHECK(produce["total_ns"] == 100);
    CHECK(produce["total_p99_ns"] == point["t_s"].get<std::int64_t>() + length - 1);
    CHECK(point["rss_bytes"] == 1000 + point["t_s"].get<std::int64_t>() + length - 1);
  }
  CHECK(most == 2.0);
}

TEST_CASE("nothing is joined across the start of measure or a fault") {
  const json trial = test::document(fed(3000))["trials"][0];
  for (const char* list : {"machine", "broker_series"}) {
    for (const std::int64_t edge : {0, 599}) CHECK(point_of(trial[list], edge)["t_s"] == edge);
  }
}

TEST_CASE("percentiles of joined points are left out, and their longest stays") {
  const json points = test::document(fed(3000))["trials"][0]["series"][0]["points"];
  const json& point = point_of(points, 1000);
  REQUIRE(point["length_s"] > 1);
  CHECK_FALSE(point["response"].contains("p50_ns"));
  CHECK(point["response"]["count"] == 3 * point["length_s"].get<int>());
  CHECK(point["response"]["max_ns"] ==
        100 + point["t_s"].get<std::int64_t>() + point["length_s"].get<std::int64_t>() - 1);
}

TEST_CASE("a point of several seconds takes the place of theirs") {
  RunRecord record;
  const auto put = [&](json points) {
    return record.apply(event("points", {{"workload", "w"}, {"points", std::move(points)}}));
  };
  CHECK(put({{{"t_s", 0}}, {{"t_s", 1}}, {{"t_s", 2}}, {{"t_s", 3}}, {{"t_s", 4}}}));
  CHECK(put({{{"t_s", 1}, {"length_s", 3}}}));
  CHECK(put({{{"t_s", 1}, {"length_s", 3}, {"acked", 7}}}));
  CHECK(record.trial(0)["series"].at(0)["points"].json() ==
        R"([{"t_s":0},{"acked":7,"length_s":3,"t_s":1},{"t_s":4}])");
}

TEST_CASE("a list of something else is left as it is") {
  RunRecord record;
  for (std::size_t i = 0; i < 2 * kept; ++i)
    CHECK(record.apply(event("append", {{"to", "machine"}, {"items", {{{"t_s", "soon"}}}}})));
  CHECK(record.trial(0)["machine"].size() == 2 * kept);
}

}  // namespace
}  // namespace seatrial::record
