// A long load's way to the journal, the record and the hlog files: every second on disk, a fixed
// number of points in memory, and single seconds still to be had.
#include "run/load_series.hpp"

#include <unistd.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <random>

#include "measure/hlog.hpp"
#include "support/catch.hpp"
#include "support/records.hpp"
#include "support/values.hpp"

namespace seatrial::run {
namespace {

namespace fs = std::filesystem;
using measure::Histogram;
using measure::Metric;
using measure::SecondDelta;
using nlohmann::json;
using seatrial::test::ms;

constexpr std::int64_t length = 300;
constexpr measure::Coarseness small{.capacity = 40, .fresh = 5};

struct Folder {
  fs::path path = fs::temp_directory_path() / ("seatrial-load-" + std::to_string(::getpid()));
  Folder() {
    fs::remove_all(path);
    fs::create_directories(path);
  }
  ~Folder() { fs::remove_all(path); }
};

// Of four messages three are acked; the fourth is an age.
SecondDelta second_of(std::int64_t second) {
  std::mt19937_64 engine(static_cast<std::uint64_t>(second + 1000));
  SecondDelta delta;
  delta.second = second;
  delta.intended = 4;
  delta.acked = delta.done_acked = 3;
  auto histogram = std::make_unique<Histogram>(Histogram::coarse());
  for (int i = 0; i < 4; ++i)
    histogram->record(ms + static_cast<std::int64_t>(engine() % (50 * ms)));
  delta.latency[static_cast<int>(Metric::response)] = std::move(histogram);
  return delta;
}

struct Long {
  explicit Long(std::int64_t seconds = length, measure::Coarseness coarseness = small)
      : series(journal, 0, {"produce"}, coarseness) {
    series.edge(0);
    for (std::int64_t second = -10; second < seconds; ++second) {
      series.add(0, second_of(second));
      series.journal(0, {});
    }
  }
  [[nodiscard]] json points() const {
    return test::document(journal.record())["trials"][0]["series"][0]["points"];
  }
  [[nodiscard]] fs::path log() const { return folder.path / "trial-0-produce.hlog"; }

  Folder folder;
  record::Journal journal{folder.path};
  LoadSeries series;
};

Histogram sum_of(const measure::Series::Include& include) {
  Histogram sum = Histogram::coarse();
  for (std::int64_t second = -10; second < length; ++second) {
    if (include(second)) sum.add(*second_of(second).of(Metric::response));
  }
  return sum;
}

TEST_CASE("the record has as many points as the series has intervals, and the same in them") {
  const Long run;
  const auto& intervals = run.series.all()[0].intervals();
  const json points = run.points();
  REQUIRE(points.size() == intervals.size());
  CHECK(points.size() <= small.capacity);
  for (const json& point : points) {
    const auto& interval = intervals.at(point["t_s"].get<std::int64_t>());
    CHECK(point.value("length_s", 1) == interval.length);
    CHECK(point["acked"] == 3 * interval.length);
    CHECK(point["response"]["max_ns"] == interval.value.of(Metric::response)->max());
    if (point["response"].contains("p50_ns"))
      CHECK(point["response"]["p50_ns"] == interval.value.of(Metric::response)->value_at(50));
  }
}

TEST_CASE("the journal has every second by itself, and folds into the same record") {
  const Long run;
  std::map<std::int64_t, json> seconds;
  std::ifstream in(run.folder.path / "journal.jsonl");
  for (std::string line; std::getline(in, line);) {
    for (const json& point : json::parse(line).value("points", json::array())) {
      if (!point.contains("length_s")) seconds[point["t_s"].get<std::int64_t>()] = point;
    }
  }
  CHECK(seconds.size() == length + 10);
  for (const auto& [second, point] : seconds) CHECK(point["acked"] == 3);
  const auto loaded = record::load_record(run.folder.path);
  REQUIRE(loaded);
  CHECK(test::document(loaded->record)["trials"][0]["series"] ==
        test::document(run.journal.record())["trials"][0]["series"]);
}

TEST_CASE("the hlog of a long run holds every sample once, those that came late too") {
  Long run;
  run.series.add(0, second_of(3));
  run.series.journal(0, {});
  run.series.finish(0, {});
  std::ifstream in(run.log());
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const auto log = measure::read_hlog(text);
  REQUIRE(log);
  Histogram all = Histogram::coarse();
  for (const auto& interval : log->intervals) all.add(interval.histogram);
  Histogram expected = sum_of([](std::int64_t) { return true; });
  expected.add(*second_of(3).of(Metric::response));
  CHECK(all == expected);
  CHECK(log->intervals.size() == length + 11);
}

TEST_CASE("the hlog of a short run has one line for each second, in order") {
  Long run(20);
  CHECK_FALSE(fs::exists(run.log()));
  run.series.add(0, second_of(3));
  run.series.finish(0, {});
  std::ifstream in(run.log());
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const auto log = measure::read_hlog(text);
  REQUIRE(log);
  REQUIRE(log->intervals.size() == 30);
  for (std::size_t i = 0; i < 30; ++i)
    CHECK(log->intervals[i].start == seconds(static_cast<std::int64_t>(i)));
}

TEST_CASE("single seconds of joined ones are read from the hlog, to the last sample") {
  Long run;
  run.series.finish(0, {});
  const auto outside = [](std::int64_t s) { return s >= 0 && (s < 33 || s > 38) && s != 151; };
  const auto chosen = run.series.chosen(0, Metric::response, outside);
  REQUIRE(chosen);
  CHECK(chosen->histogram == sum_of(outside));
  CHECK(chosen->acked == 3 * (length - 7));
}

TEST_CASE("where the hlog lacks something, single seconds of joined ones are unknown") {
  Long run;
  run.series.finish(0, {});
  const auto outside = [](std::int64_t s) { return s != 33; };
  std::string text;
  {
    std::ifstream in(run.log());
    for (std::string line; std::getline(in, line);)
      if (!line.starts_with("Tag=response,43.000")) text += line + "\n";
  }
  std::ofstream(run.log()) << text;  // second 33 began 43 seconds after the log
  CHECK_FALSE(run.series.chosen(0, Metric::response, outside));
  const auto untouched = run.series.chosen(0, Metric::response, [](auto s) { return s >= 0; });
  REQUIRE(untouched);
  CHECK(untouched->histogram == sum_of([](std::int64_t s) { return s >= 0; }));
}

}  // namespace
}  // namespace seatrial::run
