// What a scenario may say of producers and consumers, and what it is told when it says something
// else.
#include <librdkafka/rdkafka.h>

#include "client/workload.hpp"
#include "core/check.hpp"
#include "core/registry.hpp"
#include "support/catch.hpp"
#include "workloads/producer_settings.hpp"

using namespace seatrial;

namespace {

using Raw = std::map<std::string, RawOption>;

RawOption properties(std::map<std::string, std::string> entries) {
  return {.text = {}, .entries = std::move(entries), .is_map = true};
}

std::vector<OptionProblem> problems(const char* kind, Raw raw) {
  const auto* plugin = Registry<Workload>::instance().find(kind);
  REQUIRE(plugin != nullptr);
  std::vector<OptionProblem> out;
  static_cast<void>(Options::check(plugin->options, raw, out));
  return out;
}

std::unique_ptr<Workload> make(const char* kind, const Raw& raw) {
  const auto* plugin = Registry<Workload>::instance().find(kind);
  REQUIRE(plugin != nullptr);
  std::vector<OptionProblem> wrong;
  const auto options = Options::check(plugin->options, raw, wrong);
  for (const auto& problem : wrong) FAIL(problem.message);
  return plugin->make(options);
}

RawOption written(const char* text) { return {.text = text, .entries = {}, .is_map = false}; }

}  // namespace

TEST_CASE("a producer with defaults, and with everything set") {
  const auto plain = make("producer", {{"topic", written("orders")}, {"rate", written("5000/s")}});
  CHECK(plain->traits().produces);
  CHECK(plain->traits().lanes == 1);
  CHECK(plain->offered_rate() == Approx(5000));
  CHECK(plain->client_properties().at("acks") == "all");

  const auto full = make("producer", {{"topic", written("orders")},
                                      {"rate", written("max")},
                                      {"spin", written("20us")},
                                      {"lanes", written("3")},
                                      {"size", written("uniform(100B, 1KiB)")},
                                      {"keys", written("zipf(1000, 1.1)")},
                                      {"partitioner", written("crc32")},
                                      {"properties", properties({{"acks", "1"}})}});
  CHECK(full->traits().lanes == 3);
  CHECK(full->offered_rate() == 0);
  CHECK(full->client_properties().at("acks") == "1");
}

TEST_CASE("each wrong option of a producer is told") {
  const Raw good{{"topic", written("orders")}, {"rate", written("5000/s")}};
  CHECK(problems("producer", good).empty());
  CHECK(problems("producer", {}).size() == 1);
  CHECK_THROWS_AS(make("producer", {{"topic", written("orders")}}), UsageError);  // no rate
  const auto with = [&](const char* name, RawOption option) {
    Raw raw = good;
    raw[name] = std::move(option);
    const auto found = problems("producer", raw);
    REQUIRE(found.size() == 1);
    return found.front().message;
  };
  CHECK(with("lanes", written("0")).find("between 1 and") != std::string::npos);
  CHECK(with("rate", written("0/s")).find("rate") != std::string::npos);
  CHECK(with("size", written("10B")).find("identity") != std::string::npos);
  CHECK(with("keys", written("zipf(3)")).find("zipf(N, S)") != std::string::npos);
  CHECK(with("spin", written("2ms")).find("at most 1ms") != std::string::npos);
  CHECK(with("wake", written("1001us")).find("at most 1ms") != std::string::npos);
  CHECK(with("count", written("-1")).find("negative") != std::string::npos);
  CHECK(with("entropy", written("1.5")).find("between 0 and 1") != std::string::npos);
  CHECK(with("properties", properties({{"linger.m", "5"}})).find("linger.ms") != std::string::npos);
  CHECK(with("properties", properties({{"partitioner", "murmur2"}})).find("harness picks") !=
        std::string::npos);
  CHECK(with("properties", properties({{"metadata.broker.list", "x:1"}})).find("address") !=
        std::string::npos);  // an alias is refused with its name
  CHECK(with("properties", properties({{"transactional.id", "t"}})).find("transactions") !=
        std::string::npos);
  CHECK(with("properties", properties({{"delivery.report.only.error", "true"}})).find("ledger") !=
        std::string::npos);
}

// What librdkafka takes, and what would make the outcomes say nothing of the cluster.
TEST_CASE("values under which nothing can be learned are refused") {
  const auto reported = [](const char* kind, const char* name, const char* given) {
    Raw raw{{"topic", written("orders")}, {"properties", properties({{name, given}})}};
    const bool paced = Registry<Workload>::instance().find(kind)->options.size() > 0 &&
                       std::string_view(kind) != "consumer" && std::string_view(kind) != "group";
    if (paced) raw["rate"] = written("5/s");
    if (std::string_view(kind) == "compacted") raw["keys"] = written("10");
    const auto found = problems(kind, raw);
    return found.empty() ? std::string() : found.front().message;
  };
  for (const char* kind : {"producer", "compacted", "transactional"}) {
    CAPTURE(kind);
    for (const char* name : {"acks", "request.required.acks"}) {
      CHECK(reported(kind, name, "7").find("cannot be 7: brokers know all (or -1), 1 and 0") !=
            std::string::npos);
      CHECK(reported(kind, name, "2").find("brokers know") != std::string::npos);
      for (const char* known : {"all", "-1", "0", "1"}) CHECK(reported(kind, name, known).empty());
    }
    CHECK(reported(kind, "queuing.strategy", "lifo").find("out of order") != std::string::npos);
    CHECK(reported(kind, "queuing.strategy", "fifo").empty());
  }
  for (const char* kind : {"producer", "consumer", "group"}) {
    CHECK(reported(kind, "plugin.library.paths", "x").find("others' code") != std::string::npos);
  }
}

TEST_CASE("a static name is one member's") {
  const auto settings = [](const char* kind, const char* lanes) {
    const char* name = std::string_view(kind) == "group" ? "members" : "lanes";
    return make(kind, {{"topic", written("orders")},
                       {name, written(lanes)},
                       {"properties", properties({{"group.instance.id", "app"}})}})
        ->client_properties();
  };
  for (const char* kind : {"consumer", "group"}) {
    CHECK(settings(kind, "1").at("group.instance.id") == "app");
    CHECK_THROWS_WITH(settings(kind, "2"), Catch::Contains("put each other out"));
  }
}

TEST_CASE("settings that contradict each other are a usage error") {
  const auto workload = make(
      "producer", {{"topic", written("orders")},
                   {"rate", written("1/s")},
                   {"properties", properties({{"acks", "1"}, {"enable.idempotence", "true"}})}});
  CHECK_THROWS_AS(workload->client_properties(), UsageError);
}

TEST_CASE("a consumer's commit mode decides its settings") {
  const auto settings = [](const char* commit) {
    const auto workload =
        make("consumer", {{"topic", written("orders")}, {"commit", written(commit)}});
    return workload->client_properties();
  };
  CHECK(settings("auto").at("enable.auto.commit") == "true");
  CHECK(settings("auto").at("enable.auto.offset.store") == "true");
  CHECK(settings("after").at("enable.auto.offset.store") == "false");
  CHECK(settings("after").at("enable.auto.commit") == "true");
  CHECK(settings("sync").at("enable.auto.commit") == "false");
  const auto consumer = make("consumer", {{"topic", written("orders")}, {"lanes", written("4")}});
  CHECK_FALSE(consumer->traits().produces);
  CHECK(consumer->traits().lanes == 4);
  CHECK(problems("consumer", {{"topic", written("orders")},
                              {"properties", properties({{"group.id", "g"}, {"acks", "1"}})}})
            .size() == 2);
}

TEST_CASE("a lane that is not told how long to hold back takes a tenth of linger, within bounds") {
  using std::chrono::microseconds;
  CHECK(workloads::default_wake(nanoseconds(0)) == microseconds(200));
  CHECK(workloads::default_wake(milliseconds(1)) == microseconds(200));
  CHECK(workloads::default_wake(milliseconds(5)) == microseconds(500));
  CHECK(workloads::default_wake(milliseconds(20)) == milliseconds(1));
}
