// The question put to brokers, and the arithmetic of two answers.
#include "run/broker_metrics.hpp"

#include <nlohmann/json.hpp>

#include "support/catch.hpp"

namespace seatrial::run {
namespace {

using nlohmann::json;

// An answer in the order of the question: of each part of each kind `count` requests of `mean` ms
// (p99: ten times as much); single values count up from `single`.
json answer(std::uint64_t count, double mean, std::uint64_t single) {
  json all = json::array();
  for (const auto& request : json::parse(broker_metrics_question())) {
    if (request["mbean"].get<std::string>().starts_with("kafka.network:type=RequestMetrics")) {
      const bool produce = request["mbean"].get<std::string>().ends_with("=Produce");
      all.push_back({{"status", 200},
                     {"value",
                      {{"Count", produce ? count : 0},
                       {"Mean", produce ? mean : 0.0},
                       {"99thPercentile", mean * 10}}}});
    } else {
      all.push_back({{"status", 200}, {"value", single++}});
    }
  }
  return all;
}

BrokerMetrics parsed(const json& text) {
  const auto out = parse_broker_metrics(text.dump());
  REQUIRE(out);
  return *out;
}

TEST_CASE("a second's mean is that of its own requests, not of the broker's life") {
  const auto from = parsed(answer(100, 2.0, 10));  // 200 ms in all
  const auto to = parsed(answer(150, 3.0, 20));    // 450 ms
  json point = json::object();
  add_metrics(from, to, point);
  REQUIRE(point["requests"].size() == 1);  // of two kinds there were none
  const json& produce = point["requests"]["produce"];
  CHECK(produce["count"] == 50);
  CHECK(produce["total_ns"] == 5'000'000);
  CHECK(produce["remote_ns"] == 5'000'000);
  CHECK(produce["total_p99_ns"] == 30'000'000);
  // Clients' and replication's bytes together: (10, 12) to (20, 22).
  CHECK(point["net_in_bytes"] == 20);
  CHECK(point["net_out_bytes"] == 20);
  CHECK(point["flushes"] == 10);
  CHECK(point["under_replicated"] == 29);  // as it is now
  CHECK(point["request_queue"] == 28);
  CHECK(point["isr_shrinks"] == 10);
  CHECK_FALSE(point.contains("handler_idle"));  // over no time
}

TEST_CASE("threads' idle shares are of the time between two answers") {
  auto later = answer(0, 0, 600'000'000);
  auto from = parsed(answer(0, 0, 0)), to = parsed(later);
  to.at = from.at + seconds(2);
  json point = json::object();
  add_metrics(from, to, point);
  CHECK(point["handler_idle"] == 0.3);
  CHECK_FALSE(point.contains("network_idle"));
  to.handler_idle_ns = 5e9;  // threads that began meanwhile
  add_metrics(from, to, point);
  CHECK(point["handler_idle"] == 1.0);
  to.handler_idle_ns.reset();  // not told is not the same as busy
  json without = json::object();
  add_metrics(from, to, without);
  CHECK_FALSE(without.contains("handler_idle"));
}

TEST_CASE("network threads are as idle as those of the listener that is least") {
  const auto with = [](std::initializer_list<std::pair<const char*, double>> waited_s) {
    json all = answer(0, 0, 0);
    json beans = json::object();
    for (const auto& [name, s] : waited_s)
      beans[std::string("kafka.server:listener=") + name + ",type=socket-server-metrics"] = {
          {"io-wait-time-ns-total", s * 1e9}};
    beans["kafka.server:clientSoftwareName=x,listener=A,type=socket-server-metrics"] =
        json::object();
    all[request_kinds * request_parts + 1] = {{"status", 200}, {"value", beans}};
    return parsed(all);
  };
  auto from = with({{"A,networkProcessor=0", 10}, {"A,networkProcessor=1", 20}, {"C", 5}});
  auto to = with({{"A,networkProcessor=0", 11},
                  {"A,networkProcessor=1", 20.5},
                  {"A,networkProcessor=2", 9},  // began meanwhile
                  {"C", 6.9}});
  to.at = from.at + seconds(2);
  json point = json::object();
  add_metrics(from, to, point);
  CHECK(point["network_idle"] == 0.375);
}

TEST_CASE("a summary has mean and p99 of each part") {
  const json times = request_times(parsed(answer(0, 0, 0)), parsed(answer(4, 1.5, 0)));
  REQUIRE(times.size() == 1);
  CHECK(times["produce"]["count"] == 4);
  CHECK(times["produce"].size() == 1 + request_parts);
  CHECK(times["produce"]["throttle"] == json({{"mean_ns", 1'500'000}, {"p99_ns", 15'000'000}}));
}

TEST_CASE("a second without requests tells no times") {
  json point = json::object();
  add_metrics(parsed(answer(100, 2.0, 10)), parsed(answer(100, 2.0, 10)), point);
  CHECK_FALSE(point.contains("requests"));
  CHECK(point["flushes"] == 0);
}

TEST_CASE("a bean that is not there counts as nothing, another answer not at all") {
  json missing = answer(7, 1.0, 3);
  missing[0] = {{"status", 404}, {"error", "InstanceNotFoundException"}};
  missing.back() = {{"status", 404}};
  const auto reported = parse_broker_metrics(missing.dump());
  REQUIRE(reported);
  CHECK(reported->requests[0].count == 0);
  CHECK(reported->under_replicated == 0);
  CHECK_FALSE(parse_broker_metrics(""));
  CHECK_FALSE(parse_broker_metrics("{\"status\": 500}"));
  missing.erase(missing.begin());
  CHECK_FALSE(parse_broker_metrics(missing.dump()));
}

TEST_CASE("figures beyond all sense stay figures") {
  auto strange = answer(1, 1e300, 0);
  strange[0]["value"]["Count"] = 1e300;
  strange.back()["value"] = 1e300;
  json point = json::object();
  add_metrics({}, parsed(strange), point);
  CHECK(point["under_replicated"].get<std::int64_t>() > 0);
  for (const auto& figure : point["requests"]["produce"]) {
    CHECK(figure.get<std::int64_t>() > 0);
  }
  CHECK(request_times({}, parsed(strange))["produce"]["total"]["p99_ns"].get<std::int64_t>() > 0);
}

}  // namespace
}  // namespace seatrial::run
