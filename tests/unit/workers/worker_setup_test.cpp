// What a member's process is told, and what it reports, survive the way through JSON.
#include "workers/worker_setup.hpp"

#include <nlohmann/json.hpp>

#include "support/catch.hpp"

namespace seatrial::workers {
namespace {

TEST_CASE("a setup arrives whole") {
  WorkerSetup sent{.kind = "group", .options = {}, .context = {}, .parent = 4711};
  sent.options["topic"] = {.text = "orders", .entries = {}, .is_map = false};
  sent.options["join"] = {.text = {}, .entries = {{"3", "10s"}}, .is_map = true};
  sent.context.lane = LaneId(5);
  sent.context.index = 1;
  sent.context.lanes = 3;
  sent.context.workload = "read";
  sent.context.bootstrap = "127.0.0.1:9092";
  sent.context.topic = "orders";
  sent.context.partitions = 6;
  sent.context.trial_tag = 0xfedcba98U;
  sent.context.seed = UINT64_MAX;
  sent.context.properties = {{"client.id", "a \"quoted\"\nname"}};
  const std::string line = to_json(sent).dump();
  CHECK(line.find('\n') == line.npos);  // it travels as a line
  const WorkerSetup got = read_setup(nlohmann::json::parse(line));
  CHECK(to_json(got) == to_json(sent));
  CHECK(got.context.lane == LaneId(5));
  CHECK(got.context.seed == UINT64_MAX);
  CHECK(got.options.at("join").entries.at("3") == "10s");
  CHECK(got.parent == 4711);
}

TEST_CASE("a report arrives whole") {
  LaneReport sent;
  sent.client_version = "librdkafka 9.9.9";
  sent.effective_config = {{"session.timeout.ms", "6000"}};
  sent.errors[3]["_TRANSPORT"] = 2;
  sent.notes = {"one", "two"};
  sent.counts = {{"naps", 7}};
  sent.wake_ns = 200'000;
  const LaneReport got = read_report(nlohmann::json::parse(to_json(sent).dump()));
  CHECK(to_json(got) == to_json(sent));
  CHECK(got.errors.at(3).at("_TRANSPORT") == 2);
  CHECK(got.counts.at("naps") == 7);
  CHECK(got.wake_ns == 200'000);
}

TEST_CASE("half a setup is refused") {
  CHECK_THROWS(read_setup(nlohmann::json::parse(R"({"kind": "group"})")));
}

}  // namespace
}  // namespace seatrial::workers
