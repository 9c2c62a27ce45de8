// HdrHistogram's own HistogramLogProcessor reads our interval logs, and every figure that it prints
// is the one we have: for logs written here, and for one that a run left.
#include <unistd.h>

#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <regex>
#include <sstream>

#include "core/cluster.hpp"
#include "core/units.hpp"
#include "measure/hlog.hpp"
#include "run/runner.hpp"
#include "scenario/scenario.hpp"
#include "support/catch.hpp"
#include "support/skip.hpp"

namespace seatrial {
namespace {

namespace fs = std::filesystem;
using measure::Histogram;
using measure::Hlog;

constexpr const char* jar = "/usr/share/java/hdrhistogram.jar";

struct TemporaryFolder {
  fs::path path = fs::temp_directory_path() / ("seatrial-hlog-" + std::to_string(getpid()));
  TemporaryFolder() { fs::create_directories(path); }
  ~TemporaryFolder() { fs::remove_all(path); }
};

std::string read_file(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

bool has_processor() {
  return fs::exists(jar) && std::system("java -version > /dev/null 2>&1") == 0;
}

// Lines of a file that have the form, as their numbers in order.
std::vector<std::vector<double>> rows(const fs::path& file, const char* begin) {
  std::vector<std::vector<double>> out;
  static const std::regex number("[0-9]+\\.?[0-9]*%?");
  std::istringstream text(read_file(file));
  for (std::string line; std::getline(text, line);) {
    if (!std::regex_search(line, std::regex(begin))) continue;
    std::vector<double> row;
    for (std::sregex_iterator it(line.begin(), line.end(), number), end; it != end; ++it) {
      row.push_back(*parse_number(it->str()));
    }
    out.push_back(std::move(row));
  }
  return out;
}

// What the tool prints of one tag: a line an interval, and the distribution over all of them.
struct Printed {
  std::vector<std::vector<double>> intervals;    // end, its count, p50, p90, max, then the same of
                                                 // all so far with p99, p99.9 and p99.99
  std::vector<std::vector<double>> percentiles;  // value, share, count, and 1/(1-share) but last
  std::vector<double> mean_and_max;
};

Printed process(const fs::path& log, const std::string& tag, const fs::path& folder) {
  const fs::path out = folder / "out";
  const std::string command = std::string("java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp ") +
                              jar + " org.HdrHistogram.HistogramLogProcessor -i '" + log.string() +
                              "' -tag " + tag + " -o '" + out.string() +
                              "' -outputValueUnitRatio 1";
  REQUIRE(std::system(command.c_str()) == 0);
  Printed printed;
  printed.intervals = rows(out, "^[0-9.]+: I:");
  printed.percentiles = rows(out.string() + ".hgrm", "^ *[0-9.]+ [01]\\.[0-9]{12}");
  for (const char* line : {"^#\\[Mean", "^#\\[Max"}) {
    const auto found = rows(out.string() + ".hgrm", line);
    REQUIRE(found.size() == 1);
    printed.mean_and_max.push_back(found[0][0]);
  }
  fs::remove(out);
  fs::remove(out.string() + ".hgrm");
  return printed;
}

// The tool prints twelve decimals of a share, so the rank it means may lie on either side.
bool is_percentile(const Histogram& ours, double share, double value) {
  for (const double off : {-6e-13, 0.0, 6e-13}) {
    if (static_cast<double>(ours.value_at((share + off) * 100)) == value) return true;
  }
  return false;
}

void compare(const Hlog& log, const std::string& tag, const Printed& printed) {
  std::vector<const measure::HlogInterval*> own;
  for (const auto& interval : log.intervals) {
    if (interval.tag == tag) own.push_back(&interval);
  }
  REQUIRE_FALSE(own.empty());
  REQUIRE(printed.intervals.size() == own.size());
  Histogram sum(own.front()->histogram.config());
  for (std::size_t i = 0; i < own.size(); ++i) {
    const Histogram& one = own[i]->histogram;
    sum.add(one);
    const auto all = [&](double p) { return static_cast<double>(sum.value_at(p)); };
    const std::vector<double> expected{to_seconds(own[i]->start + own[i]->length),
                                       static_cast<double>(one.count()),
                                       static_cast<double>(one.value_at(50)),
                                       static_cast<double>(one.value_at(90)),
                                       static_cast<double>(one.max()),
                                       static_cast<double>(sum.count()),
                                       all(50),
                                       all(90),
                                       all(99),
                                       all(99.9),
                                       all(99.99),
                                       static_cast<double>(sum.max())};
    INFO("interval " << i << " of " << tag);
    CHECK(printed.intervals[i] == expected);
  }
  REQUIRE(printed.percentiles.size() > 20);
  for (const auto& row : printed.percentiles) {
    INFO(tag << ": " << row[0] << " at " << row[1]);
    CHECK(is_percentile(sum, row[1], row[0]));
  }
  CHECK(printed.percentiles.back()[2] == static_cast<double>(sum.count()));
  CHECK(std::abs(printed.mean_and_max[0] - sum.mean()) < 0.01);
  CHECK(printed.mean_and_max[1] == static_cast<double>(sum.max()));
}

void compare_all(const fs::path& file, const std::vector<std::string>& tags,
                 const fs::path& folder) {
  const auto log = measure::read_hlog(read_file(file));
  REQUIRE(log);
  for (const auto& tag : tags) compare(*log, tag, process(file, tag, folder));
}

}  // namespace

TEST_CASE("HdrHistogram's log processor prints our figures of logs with several tags", "[light]") {
  if (!has_processor()) SEATRIAL_SKIP("HdrHistogram's Java library is not installed");
  const TemporaryFolder folder;
  std::mt19937_64 random(11);
  const WallTime start{seconds(1'700'000'000)};
  std::string text = measure::hlog_header(start);
  const std::pair<const char*, Histogram> tags[] = {
      {"response", Histogram::latency()},
      {"coarse", Histogram::coarse()},
      {"wide", Histogram({.lowest = 1, .highest = 3'600'000'000, .digits = 4})}};
  for (int second = 0; second < 5; ++second) {
    for (const auto& [tag, empty] : tags) {
      Histogram one = empty;
      std::lognormal_distribution<double> spread(second + 10.0, 1.5);
      for (int i = 0; i < 500 * (second + 1); ++i) {
        one.record(std::min(static_cast<std::int64_t>(spread(random)), one.config().highest));
      }
      text += measure::hlog_line(tag, seconds(second), milliseconds(250 + second), one);
    }
  }
  const fs::path file = folder.path / "ours.hlog";
  std::ofstream(file) << text;
  compare_all(file, {"response", "coarse", "wide"}, folder.path);
}

TEST_CASE("HdrHistogram's log processor prints our figures of the log that a run left", "[light]") {
  if (!has_processor()) SEATRIAL_SKIP("HdrHistogram's Java library is not installed");
  const TemporaryFolder folder;
  const auto loaded = scenario::load({.path = "logged.yaml",
                                      .text = "name: logged\n"
                                              "cluster: {kind: mock, brokers: 1}\n"
                                              "topics: {orders: {partitions: 1, replication: 1}}\n"
                                              "workloads: {produce: {kind: producer, topic: "
                                              "orders, rate: 1000/s, arrivals: poisson}}\n"
                                              "phases: {warmup: {at_least: 500ms, at_most: "
                                              "500ms}, measure: 2s}\n",
                                      .settings = {},
                                      .names = {},
                                      .environment = {}});
  REQUIRE(loaded.plan);
  const run::RunSetting setting{.plan = *loaded.plan,
                                .kind = *ClusterKinds::instance().find("mock"),
                                .kind_reason = "a test",
                                .results = folder.path,
                                .command = "",
                                .progress = [](const auto&, const auto&) {}};
  static_cast<void>(run::run_plan(setting, {}));
  compare_all(folder.path / "latest" / "trial-0-produce.hlog", {"response", "lateness"},
              folder.path);
}

}  // namespace seatrial
