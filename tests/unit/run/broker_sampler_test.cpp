// Sampling of processes that are this test's own, and the summaries of points and pauses.
#include "run/broker_sampler.hpp"

#include <unistd.h>

#include <set>
#include <thread>

#include "support/catch.hpp"
#include "support/fake_cluster.hpp"

namespace seatrial::run {
namespace {

using nlohmann::json;

json summary_of(const json& points) {
  NodeSummary summary;
  for (const json& point : points) summary.add(point);
  return summary.row();
}

TEST_CASE("a node's summary adds what was used and keeps the worst of what was held") {
  const json row = summary_of(
      {{{"t_s", 0}, {"cpu", 0.5}, {"rss_bytes", 100}, {"write_bytes", 10}, {"flushes", 1}},
       {{"t_s", 1},
        {"cpu", 1.5},
        {"rss_bytes", 50},
        {"write_bytes", 5},
        {"under_replicated", 2},
        {"handler_idle", 0.2},
        {"request_queue", 7}},
       {{"t_s", 3},
        {"cpu", 1.0},
        {"rss_bytes", 70},
        {"under_replicated", 0},
        {"handler_idle", 0.6},
        {"request_queue", 3}}});
  CHECK(row["cpu"] == 1.0);
  CHECK(row["cpu_max"] == 1.5);
  CHECK(row["rss_max_bytes"] == 100);
  CHECK(row["write_bytes"] == 15);
  CHECK(row["flushes"] == 1);
  CHECK(row["under_replicated_max"] == 2);
  CHECK(row["request_queue_max"] == 7);
  CHECK(row["handler_idle"] == 0.4);  // of those seconds that tell
  CHECK_FALSE(row.contains("network_idle"));
  CHECK(row["seconds"] == 3);
  CHECK_FALSE(row.contains("net_in_bytes"));
  CHECK_FALSE(summary_of(json::array()).contains("cpu"));
}

TEST_CASE("pauses count from the start of measure to its end") {
  const Instant zero = from_ns(1'000'000'000'000);
  const auto row =
      describe_pauses({{.from = zero - milliseconds(1), .length = milliseconds(9)},
                       {.from = zero, .length = milliseconds(2)},
                       {.from = zero + milliseconds(1500), .length = milliseconds(5), .full = true},
                       {.from = zero + seconds(2), .length = milliseconds(9)}},
                      zero, zero + seconds(2));
  CHECK(row == json({{"count", 2},
                     {"full", 1},
                     {"total_ns", 7'000'000},
                     {"max_ns", 5'000'000},
                     {"pauses", {{0.0, 2'000'000}, {1.5, 5'000'000}}}}));
}

// Waits until the sampler has told of each of `nodes`; gives all it told.
json points_of(BrokerSampler& sampler, const std::set<int>& nodes) {
  json all = json::array();
  std::set<int> seen;
  const Instant until = now() + seconds(60);
  while (seen != nodes && now() < until) {
    std::this_thread::sleep_for(milliseconds(50));
    for (auto& point : sampler.drain()) {
      seen.insert(point["node"].get<int>());
      all.push_back(std::move(point));
    }
  }
  CHECK(seen == nodes);
  return all;
}

TEST_CASE("nodes are sampled by their processes, and one that is gone leaves nothing") {
  test::FakeCluster cluster(3);
  const auto running = [](int pid) {
    return ProcessState{
        .kind = ProcessState::Kind::running, .host_pid = pid, .exit_code = {}, .signal = {}};
  };
  cluster.fake.states[NodeId(1)] = running(::getpid());
  cluster.fake.states[NodeId(2)] = running(::getppid());
  cluster.fake.states[NodeId(3)] = {};
  const Instant origin = now();
  BrokerSampler sampler(cluster, origin, {});
  sampler.begin_measure(origin, origin + seconds(100));
  const json points = points_of(sampler, {1, 2});
  for (const auto& point : points) {
    CHECK(point["cpu"] >= 0.0);
    CHECK(point["rss_bytes"] > 0);
    CHECK_FALSE(point.contains("requests"));
  }
  sampler.stop();
  const json rows = sampler.summary();
  REQUIRE(rows.size() == 3);
  CHECK(rows[0]["seconds"] > 0);
  CHECK(rows[2]["seconds"] == 0);
}

TEST_CASE("a node with another process begins anew") {
  test::FakeCluster cluster(1);
  cluster.fake.states[NodeId(1)] = {};
  const Instant origin = now();
  BrokerSampler sampler(cluster, origin, {});
  sampler.begin_measure(origin, origin + seconds(100));
  std::this_thread::sleep_for(milliseconds(1100));
  CHECK(sampler.drain().empty());
  {
    cluster.fake.startable = true;
    cluster.fake.next_pid = ::getpid() - 1;
    cluster.fake.start(NodeId(1));
  }
  CHECK_FALSE(points_of(sampler, {1}).empty());
}

}  // namespace
}  // namespace seatrial::run
