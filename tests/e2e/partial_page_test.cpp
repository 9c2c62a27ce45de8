// A run killed at any moment has a page that shows what is known and says that it is a part; a run
// on the mock says in large letters that it proves nothing.
#include <csignal>
#include <nlohmann/json.hpp>
#include <random>
#include <thread>

#include "core/units.hpp"
#include "e2e/seatrial_process.hpp"
#include "support/catch.hpp"

namespace seatrial::e2e {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* one_second = R"(name: short
cluster: {kind: mock, brokers: 1}
topics: {orders: {partitions: 2, replication: 1}}
workloads:
  produce: {kind: producer, topic: orders, rate: 500/s}
phases: {warmup: {at_least: 300ms, at_most: 300ms}, measure: 1s}
)";

constexpr const char* short_real_run = R"(name: short
cluster: {kind: local, brokers: 1, controllers: combined}
topics: {orders: {partitions: 2, replication: 1}}
workloads:
  produce: {kind: producer, topic: orders, rate: 500/s}
phases: {warmup: {at_least: 300ms, at_most: 300ms}, measure: 1s}
timeline: [{at: 200ms, fault: pause, target: broker(1), heal_after: 300ms}]
)";

void says_mock_in_large_letters(const std::string& page) {
  CHECK(page.find("class=\"banner mock\"") != std::string::npos);
  CHECK(page.find("no evidence about Kafka") != std::string::npos);
  const auto rule = page.find(".banner.mock{");
  REQUIRE(rule != std::string::npos);
  const auto size = page.find("font-size:", rule);
  REQUIRE(size < page.find('}', rule));
  const auto number = page.substr(size + 10, page.find("px", size) - size - 10);
  CHECK(seatrial::parse_integer(number).value_or(0) >= 24);
}

Invocation run_in(const Folder& folder, const std::string& scenario) {
  return {.arguments = {"run", folder.with("short.yaml", scenario), "--out",
                        (folder / "results").string()},
          .environment = {}};
}

TEST_CASE("a run on the mock passes, and says that it proves nothing") {
  const Folder folder;
  Harness run(run_in(folder, one_second));
  const Ended end = run.wait();
  INFO(end.out << end.err);
  REQUIRE(end.exit_code == 0);
  CHECK(end.out.find("NO EVIDENCE ABOUT KAFKA") != std::string::npos);
  const fs::path results = latest_run(folder / "results");
  const std::string page = read_file(results / "report.html");
  says_mock_in_large_letters(page);
  CHECK(page.find("Partial record") == std::string::npos);
  const json record = json::parse(read_file(results / "run.json"));
  CHECK(record.at("cluster").at("evidence_about_kafka") == false);
  CHECK(record.at("trials").size() == 1);
}

// Kills a run of `scenario` so long after its first line, and looks at what it left. Returns
// whether it was killed before its end.
bool killed_run_renders(const std::string& scenario, bool mock, nanoseconds moment) {
  const Folder folder;
  Harness run(run_in(folder, scenario));
  const auto journaled = [&] {
    return !read_file(latest_run(folder / "results") / "journal.jsonl").empty();
  };
  REQUIRE(run.wait_until(journaled));
  std::this_thread::sleep_for(moment);
  run.signal(SIGKILL);
  static_cast<void>(run.wait());
  const fs::path results = latest_run(folder / "results");
  CHECK(seatrial({"down", "--out", (folder / "results").string()}).exit_code == 0);
  CHECK(left_by(results.filename().string()) == std::vector<std::string>{});
  if (fs::exists(results / "run.json")) return false;
  const Ended report = seatrial({"report", results.string()});
  INFO("killed " << to_seconds(moment) << " s after its first line\n" << report.out << report.err);
  CHECK(report.exit_code == 0);
  CHECK(report.out.find("PARTIAL") != std::string::npos);
  const std::string page = read_file(results / "report.html");
  CHECK(page.find("Partial record") != std::string::npos);
  CHECK(page.ends_with("</html>\n"));
  if (mock) says_mock_in_large_letters(page);
  const json record = record_of(results);
  CHECK(record.at("partial") == true);
  CHECK(record.at("verdict").at("overall") == "unknown");
  return true;
}

// Moments are drawn from the whole length of such a run; those that come after its end are drawn
// again.
void kill_at_random_moments(const std::string& scenario, bool mock, int times) {
  const Folder folder;
  Harness whole(run_in(folder, scenario));
  REQUIRE(whole.wait_until([&] { return !latest_run(folder / "results").empty(); }));
  const Instant begun = now();
  REQUIRE(whole.wait().exit_code == 0);
  const nanoseconds length = now() - begun;
  std::mt19937_64 random(20261121);
  int killed = 0;
  for (int i = 0; i < 5 * times && killed < times; ++i) {
    const auto share = static_cast<double>(random() % 1000) / 1000;
    const auto moment = nanoseconds(static_cast<std::int64_t>(share * 1e9 * to_seconds(length)));
    if (killed_run_renders(scenario, mock, moment)) ++killed;
  }
  CHECK(killed == times);
}

// Together the ten: the mock has every phase too, and costs a third.
TEST_CASE("a run killed at seven random moments has a page that says it is partial") {
  kill_at_random_moments(one_second, true, 7);
}

TEST_CASE("a run on real brokers killed at three random moments has a partial page too") {
  kill_at_random_moments(short_real_run, false, 3);
}

}  // namespace
}  // namespace seatrial::e2e
