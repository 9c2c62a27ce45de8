// Histories of synthetic runs: a step is found at its run, noise is none, other machines are other
// series, and what cannot be placed is told of.
#include "compare/history.hpp"

#include <cmath>
#include <nlohmann/json.hpp>
#include <random>

#include "reports/history.hpp"
#include "support/catch.hpp"
#include "support/text.hpp"

namespace seatrial::compare {
namespace {

using nlohmann::json;
using test::contains;

constexpr const char* p50 = "p50(produce.response)";

// Its time rises with its number, from 0.
json run_of(int number, std::vector<double> p50_ns, const std::string& kernel = "6.1") {
  json out{{"run",
            {{"id", "run-" + std::to_string(number)},
             {"started_at", "2026-01-01T00:00:" + std::to_string(10 + number) + "Z"}}},
           {"scenario", {{"name", "s"}}},
           {"cluster", {{"kind", "local"}}},
           {"environment", {{"cores", 2}, {"kernel", kernel}}},
           {"labels", {{"commit", "c" + std::to_string(number)}}},
           {"trials", json::array()}};
  for (const double ns : p50_ns) {
    out["trials"].push_back(
        {{"variant", "acks=all"},
         {"status", "finished"},
         {"workloads",
          {{{"name", "produce"},
            {"totals", {{"intended", 10}, {"acked", 10}}},
            {"latency",
             {{"response", {{"count", 5000}, {"percentiles", {{{"p", 50.0}, {"ns", ns}}}}}}}}}}}});
  }
  return out;
}

// Of the n-th measurement, by a generator that is the same everywhere.
double noise(int n) {
  std::minstd_rand engine(static_cast<unsigned>(n * 7919 + 1));
  engine.discard(10);
  return static_cast<double>(engine() % 1000) / 1000 - 0.5;
}

void add(History& history, const json& run) {
  CHECK(history.add("folder", View(run)) == std::nullopt);
}

// `step`: the first run that is 30 % slower; of noise alone, none.
json history_of(int runs, int step) {
  History history;
  for (int run = 0; run < runs; ++run) {
    const double level = run < step ? 1.0e6 : 1.3e6;
    add(history, run_of(run, {level * (1 + 0.05 * noise(run))}));
  }
  return history.describe();
}

std::vector<json> series_of(const json& history, const std::string& metric) {
  std::vector<json> out;
  for (const auto& series : history.at("series"))
    if (series.at("metric") == metric) out.push_back(series);
  return out;
}

TEST_CASE("a step is found at its run, with what was before and after") {
  const json out = history_of(20, 12);
  const auto found = series_of(out, p50);
  REQUIRE(found.size() == 1);
  const json& series = found.front();
  CHECK(series["scenario"] == "s");
  CHECK(series["variant"] == "acks=all");
  CHECK(series["unit"] == "ns");
  CHECK(series["points"].size() == 20);
  REQUIRE(series["changes"].size() == 1);
  const json& change = series["changes"][0];
  CHECK(change["at"] == 12);
  CHECK(out["runs"][change["run"].get<std::size_t>()]["labels"]["commit"] == "c12");
  CHECK(change["before"].get<double>() == Approx(1.0e6).epsilon(0.03));
  CHECK(change["after"].get<double>() == Approx(1.3e6).epsilon(0.03));
  CHECK(change["change"].get<double>() == Approx(std::log(1.3)).margin(0.04));
  REQUIRE(series["segments"].size() == 2);
  CHECK(series["segments"][0]["to"] == 12);
  CHECK(series["segments"][1]["from"] == 12);
  CHECK(series["segments"][1]["to"] == 20);
  CHECK(series["segments"][1]["median"] == change["after"]);
}

TEST_CASE("noise is no step") {
  const json series = series_of(history_of(30, 99), p50).front();
  CHECK(series["searched"] == true);
  CHECK(series["changes"].empty());
  CHECK(series["segments"].size() == 1);
}

TEST_CASE("a series is searched from the length on at which a step can be found at all") {
  const json enough = series_of(history_of(10, 5), p50).front();
  CHECK(enough["searched"] == true);
  CHECK(enough["changes"].size() == 1);
  const json fewer = series_of(history_of(9, 5), p50).front();
  CHECK(fewer["searched"] == false);
  CHECK(fewer["changes"].empty());
}

TEST_CASE("runs count by their time, whichever way they were found") {
  History history;
  for (int run = 19; run >= 0; --run) {
    const double level = run < 12 ? 1.0e6 : 1.3e6;
    add(history, run_of(run, {level * (1 + 0.05 * noise(run))}));
  }
  CHECK(history.describe() == history_of(20, 12));
}

TEST_CASE("another machine is another series, however much its figures differ") {
  History history;
  for (int run = 0; run < 24; ++run) {
    const bool other = run >= 12;
    add(history,
        run_of(run, {(other ? 2e6 : 1e6) * (1 + 0.05 * noise(run))}, other ? "6.5" : "6.1"));
  }
  const json out = history.describe();
  const auto found = series_of(out, p50);
  REQUIRE(found.size() == 2);
  for (const auto& series : found) {
    CHECK(series["points"].size() == 12);
    CHECK(series["changes"].empty());
  }
  CHECK(found[1]["points"][0]["run"] == 12);
  REQUIRE(out["contexts"].size() == 2);
  CHECK(out["contexts"][0]["runs"] == 12);
  CHECK(out["contexts"][1]["differs"] == "kernel was 6.1 and is 6.5");
  CHECK(out["runs"][12]["context"] == 1);
  const auto text = reports::history_text(View(out), {});
  CHECK(contains(text, "kernel was 6.1 and is 6.5"));
  CHECK(contains(reports::history_page(View(out)), "kernel was 6.1 and is 6.5"));
}

TEST_CASE("what was measured on a cluster of another kind is another series") {
  History history;
  json a = run_of(0, {1e6}), b = run_of(1, {1e6});
  b["cluster"]["kind"] = "mock";
  add(history, a);
  add(history, b);
  CHECK(history.describe()["contexts"][1]["differs"] == "cluster was local and is mock");
}

TEST_CASE("a run's value is the median of its valid trials") {
  History history;
  json run = run_of(0, {1e6, 2e6, 9e6, 8e6, 7e6});
  run["trials"][2]["verdict"] = "invalid";
  run["trials"][3]["status"] = "error";
  run["trials"][4]["verdict"] = "fail";
  add(history, run);
  const json point = series_of(history.describe(), p50).front()["points"][0];
  CHECK(point["trials"] == 3);
  CHECK(point["median"] == 2e6);
  CHECK(point["most"] == 7e6);
}

TEST_CASE("runs that cannot be placed, or measured nothing, are named and left out") {
  History history;
  json timeless = run_of(0, {1e6}), nothing = run_of(1, {}), broken = run_of(2, {1e6});
  timeless["run"].erase("started_at");
  broken["trials"][0]["verdict"] = "invalid";
  const json empty = json::object();
  CHECK(history.add("a", View(timeless)) == "does not say when it started");
  CHECK(history.add("a", View(empty)) == "does not say when it started");
  CHECK(history.add("b", View(nothing)) == "has no valid trial that measured anything");
  CHECK(history.add("c", View(broken)) == "has no valid trial that measured anything");
  CHECK(history.runs() == 0);
  CHECK(history.describe()["series"].empty());
  // Later ones are not mistaken for them.
  add(history, run_of(3, {3e6}));
  const json point = series_of(history.describe(), p50).front()["points"][0];
  CHECK(point["trials"] == 1);
  CHECK(point["median"] == 3e6);
}

TEST_CASE("text and page name the change by label, and have no verdict") {
  const json out = history_of(20, 12);
  const auto text = reports::history_text(View(out), {});
  CHECK(contains(text, "s, acks=all"));
  CHECK(contains(text, p50));
  CHECK(contains(text, "from run-12 on"));
  CHECK(contains(text, "commit=c12"));
  CHECK(contains(text, " ms -> 1.3"));
  CHECK(contains(text, ", worse"));
  CHECK(contains(text, "1 series of "));
  CHECK(contains(text, "no verdict"));
  const auto page = reports::history_page(View(out));
  CHECK(contains(page, "commit=c12"));
  CHECK(contains(page, "no verdict"));
  CHECK(contains(page, "<svg"));
  CHECK(contains(page, "</html>"));
}

TEST_CASE("where nothing changed, text and page say so") {
  const json out = history_of(30, 99);
  CHECK(contains(reports::history_text(View(out), {}), "0 series of "));
  const auto page = reports::history_page(View(out));
  CHECK(contains(page, "No change was found"));
  CHECK(contains(page, "<summary>1 series without a change</summary>"));
}

TEST_CASE("fewer of a rate is worse, fewer of a latency is better") {
  const json rate{{"unit", "/s"}, {"more_is_better", true}}, latency{{"unit", "ns"}},
      down{{"before", 200.0}, {"after", 100.0}, {"change", std::log(0.5)}};
  CHECK(reports::history_change(View(rate), View(down)) == "200/s -> 100/s, -50 %, worse");
  CHECK(reports::history_change(View(latency), View(down)) == "200 ns -> 100 ns, -50 %, better");
}

TEST_CASE("labels are text, not markup") {
  History history;
  for (int run = 0; run < 20; ++run) {
    json record = run_of(run, {run < 10 ? 1e6 : 2e6});
    record["labels"]["commit"] = "<b>x</b>";
    add(history, record);
  }
  const auto page = reports::history_page(View(history.describe()));
  CHECK_FALSE(contains(page, "<b>x"));
}

}  // namespace
}  // namespace seatrial::compare
