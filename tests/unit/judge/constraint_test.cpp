// What is named as the limit of a load: each constraint by itself, what nearly is one, and which of
// several leads.
#include "judge/constraint.hpp"

#include <nlohmann/json.hpp>
#include <set>

#include "support/catch.hpp"
#include "support/values.hpp"

namespace seatrial::judge {
namespace {

using nlohmann::json;
using seatrial::test::ms;

constexpr double cores = 4;

json latency(std::int64_t mean_ns, std::int64_t p99_ns) {
  return {{"count", 10'000},
          {"mean_ns", mean_ns},
          {"percentiles", {{{"p", 50}, {"ns", mean_ns}}, {{"p", 99}, {"ns", p99_ns}}}}};
}

json times(std::int64_t mean_ns) { return {{"mean_ns", mean_ns}, {"p99_ns", mean_ns * 5}}; }

json node(int id) {
  json requests{{"count", 1000}};
  for (const char* part : {"queue", "local", "remote", "response_queue", "response_send"})
    requests[part] = times(ms / 10);
  requests["throttle"] = times(0);
  return {{"node", id},
          {"role", "combined"},
          {"cpu", 0.5},
          {"handler_idle", 0.9},
          {"network_idle", 0.95},
          {"request_queue_max", 1},
          {"isr_shrinks", 0},
          {"write_bytes", 0},
          {"read_bytes", 0},
          {"requests", {{"produce", requests}}},
          {"gc",
           {{"count", 2},
            {"full", 0},
            {"total_ns", 8 * ms},
            {"max_ns", 5 * ms},
            {"pauses", {{1.0, 5 * ms}, {2.0, 3 * ms}}}}}};
}

// Ten seconds on four cores, of which nothing is short: two lanes at 1,000 messages a second.
json healthy() {
  json trial{{"phases",
              {{{"name", "warmup"}, {"from_s", -5}, {"to_s", 0}},
               {{"name", "measure"}, {"from_s", 0}, {"to_s", 10}}}},
             {"cluster_facts", json::object()},
             {"brokers", {node(1), node(2), node(3)}},
             {"generator", {{"busy_share", 0.5}}},
             {"faults", json::array()},
             {"workloads",
              {{{"name", "produce"},
                {"loop", "open"},
                {"lanes", 2},
                {"offered_per_s", 1000},
                {"backpressure_ns", 0},
                {"throttle_ns", 0},
                {"totals", {{"intended", 15'000}, {"unsent", 0}}},
                {"latency",
                 {{"response", latency(4 * ms, 12 * ms)},
                  {"service", latency(4 * ms, 12 * ms)},
                  {"lateness", latency(ms / 10, ms / 2)}}}}}}};
  for (int second = -5; second < 10; ++second) {
    trial["machine"].push_back({{"t_s", second},
                                {"busy", 0.5},
                                {"generator_cpu", 0.4},
                                {"disk_busy", 0.1},
                                {"io_pressure", 0.01}});
  }
  json points = json::array();
  for (int second = 0; second < 10; ++second)
    points.push_back({{"t_s", second}, {"intended", 1000}, {"acked", 1000}});
  trial["series"] = {{{"workload", "produce"}, {"points", points}}};
  for (int partition = 0; partition < 6; ++partition) {
    trial["leadership"].push_back(
        {{"topic", "orders"}, {"partition", partition}, {"leader", 1 + partition % 3}});
    trial["audit"]["partitions"].push_back(
        {{"topic", "orders"}, {"partition", partition}, {"acked", 2500}});
  }
  return trial;
}

// The same at a load that failed: responses of 40 ms, and nothing that explains it.
json slow() {
  json trial = healthy();
  trial["workloads"][0]["latency"]["response"] = latency(40 * ms, 150 * ms);
  trial["workloads"][0]["latency"]["service"] = latency(39 * ms, 149 * ms);
  return trial;
}

void set(json& trial, const char* where, const json& value) {
  trial[json::json_pointer(where)] = value;
}

void set_machine(json& trial, const char* field, double value) {
  for (json& point : trial["machine"]) {
    if (point["t_s"] >= 0) point[field] = value;  // what counts is measure
  }
}

BoundBy bound(const json& failed) {
  const json passed = healthy();
  return bound_by({View(failed), cores}, Scene{View(passed), cores});
}

Bound leading(const json& failed) { return bound(failed).leading; }

std::vector<std::string> names(const BoundBy& all) {
  std::vector<std::string> out{all.leading.name};
  for (const Bound& other : all.others) out.push_back(other.name);
  return out;
}

// --- each by itself ---

void full_queue(json& trial) {
  // 30 s are two lanes' time of warm-up and measure.
  set(trial, "/workloads/0/backpressure_ns", 27'000'000'000);
  set(trial, "/workloads/0/generator_limited", "lateness p99 is 30 ms, more than ...");
  set(trial, "/workloads/0/latency/lateness", latency(30 * ms, 60 * ms));
}

void late_generator(json& trial) {
  set(trial, "/workloads/0/generator_limited", "lateness p99 is 30 ms, more than ...");
  set(trial, "/workloads/0/latency/lateness", latency(30 * ms, 60 * ms));
  set(trial, "/workloads/0/offered_per_s", 2500);  // of which 1,000 were acked
}

void throttled(json& trial) {
  set(trial, "/workloads/0/throttle_ns", 6'000'000'000);
  set(trial, "/quotas", {{"producer_byte_rate", 60e3}});
  for (json& each : trial["brokers"]) each["requests"]["produce"]["throttle"] = times(20 * ms);
}

void no_cores_left(json& trial) {
  set(trial, "/cluster_facts/cpus", "0.5");
  set(trial, "/brokers/0/cpu", 0.3);
  set(trial, "/brokers/1/cpu", 0.49);
  set(trial, "/brokers/2/cpu", 0.46);
}

void hot_leader(json& trial) {
  no_cores_left(trial);
  set(trial, "/brokers/2/cpu", 0.1);
  set(trial, "/brokers/0/cpu", 0.1);
  for (json& row : trial["audit"]["partitions"]) row["acked"] = row["partition"] == 1 ? 9000 : 100;
}

TEST_CASE("constraints: a broker's CPU at its limit is named with the node and its cores") {
  json trial = slow();
  no_cores_left(trial);
  const Bound found = leading(trial);
  CHECK(found.name == "broker_cpu");
  CHECK(found.strength == Approx(0.98));
  CHECK(found.evidence == "node 2 used 0.49 of its 0.5 cores");
}

TEST_CASE("constraints: brokers that fill a machine are its limit, a generator that does is not") {
  json trial = slow();
  set_machine(trial, "busy", 0.96);
  for (json& each : trial["brokers"]) each["cpu"] = 0.9;
  set_machine(trial, "generator_cpu", 1.1);
  const Bound brokers = leading(trial);
  CHECK(brokers.name == "broker_cpu");
  CHECK(brokers.evidence ==
        "node 1 used 0.90 of its 4 cores; all nodes together used 2.70 cores, the generator 1.10, "
        "and this machine's cores were 96 % busy");
  for (json& each : trial["brokers"]) each["cpu"] = 0.5;
  set_machine(trial, "generator_cpu", 1.6);
  const Bound generator = leading(trial);
  CHECK(generator.name == "generator");
  CHECK(generator.evidence ==
        "its 2 lanes used 1.60 cores, the brokers 1.50, and this machine's cores were 96 % busy");
  CHECK(generator.needs == "1 more machine for the generator: this one's cores are full");
}

TEST_CASE("constraints: a machine that others fill is no limit of ours") {
  json trial = slow();
  set_machine(trial, "busy", 1.0);  // 1.5 cores of the brokers', 0.4 of the generator's, of 4
  CHECK(leading(trial).name == "not_seen");
  full_queue(trial);
  CHECK(leading(trial).name == "client_queue");
  const json passed = healthy();
  trial = slow();
  set_machine(trial, "busy", 0.99);
  for (json& each : trial["brokers"]) each["cpu"] = 1.1;
  CHECK(leading(trial).name == "broker_cpu");
  CHECK(bound_by({View(trial), 0}, Scene{View(passed), 0}).leading.name == "not_seen");
}

TEST_CASE("constraints: a late generator is named with how many more lanes it needs") {
  json trial = slow();
  late_generator(trial);
  const Bound found = leading(trial);
  CHECK(found.name == "generator");
  CHECK(found.strength == 1);
  CHECK(found.evidence == "workload 'produce': lateness p99 is 30 ms, more than ...");
  CHECK(found.needs == "3 more lanes");  // of 1,000/s two lanes; of 2,500/s five
  set_machine(trial, "busy", 0.97);
  CHECK(leading(trial).needs == "2 more machines for the generator: this one's cores are full");
  set(trial, "/workloads/0/generator_limited", nullptr);
  CHECK(leading(trial).name == "generator");  // not limited by the rule, and yet the wait that grew
  set(trial, "/workloads/0/latency/lateness", latency(ms / 10, ms / 2));
  CHECK(leading(trial).name == "not_seen");
  set(trial, "/workloads/0/totals/unsent", 200);
  CHECK(leading(trial).evidence ==
        "workload 'produce': 1 % of its messages were never sent, and its client had room");
}

TEST_CASE(
    "constraints: lanes without a core left, and loops without connections, are the "
    "generator") {
  json trial = slow();
  set_machine(trial, "generator_cpu", 1.9);  // of two lanes
  CHECK(leading(trial).name == "generator");
  set_machine(trial, "generator_cpu", 1.6);
  CHECK(leading(trial).name == "not_seen");
  json closed = slow();
  set(closed, "/workloads/0/loop", "closed");
  set(closed, "/connection_limited", {{"produce", "its 1 lane waited for answers"}});
  CHECK(leading(closed).name == "generator");
  CHECK(leading(closed).needs == "more lanes");
}

TEST_CASE("constraints: throttled clients are at their quota") {
  json trial = slow();
  throttled(trial);
  const Bound found = leading(trial);
  CHECK(found.name == "quota");
  CHECK(found.evidence ==
        "brokers told 'produce' to wait 6 s in all, in 30 s of its lanes' time; quotas of each "
        "client on each broker: producer_byte_rate 60000");
  json hardly = slow();
  set(hardly, "/workloads/0/throttle_ns", 200'000'000);  // less than a hundredth
  CHECK(leading(hardly).name == "not_seen");
}

TEST_CASE("constraints: a broker that leads most and is busier than the others is a hot one") {
  json trial = slow();
  hot_leader(trial);
  const auto found = bound(trial);
  CHECK(names(found) == std::vector<std::string>{"hot_partition", "broker_cpu"});
  CHECK(found.leading.evidence ==
        "node 2 led 96 % of the messages, partition orders/1 alone 95 %, and used 0.49 of its 0.5 "
        "cores, the other brokers 0.10 in the mean");
  json even = trial;
  for (json& row : even["audit"]["partitions"]) row["acked"] = 2500;
  CHECK(leading(even).name == "broker_cpu");
  json all_busy = trial;  // skewed, and yet no broker has more to do
  set(all_busy, "/brokers/0/cpu", 0.45);
  set(all_busy, "/brokers/2/cpu", 0.45);
  CHECK(leading(all_busy).name == "broker_cpu");
  json alone = trial;
  alone["brokers"] = {trial["brokers"][1]};
  CHECK(leading(alone).name == "broker_cpu");
}

TEST_CASE("constraints: a collector's pauses are named where they explain the p99") {
  json trial = slow();
  // 300 ms in 10 s: one message in a hundred waits more than (300 - 100) / 2 ms.
  set(trial, "/brokers/1/gc",
      {{"total_ns", 300 * ms}, {"max_ns", 150 * ms}, {"pauses", {{1, 150 * ms}, {4, 150 * ms}}}});
  set(trial, "/workloads/0/latency/response", latency(40 * ms, 110 * ms));
  const Bound found = leading(trial);
  CHECK(found.name == "garbage_collection");
  CHECK(found.strength == Approx(100.0 / 110));
  CHECK(found.evidence ==
        "node 2 stood still for its collector 3 % of the time, at longest 150 ms; that alone makes "
        "a p99 of 100 ms, where the response's is 110 ms");
  set(trial, "/workloads/0/latency/response", latency(40 * ms, 200 * ms));
  CHECK(leading(trial).name == "not_seen");
}

TEST_CASE("constraints: a node that collects all the time has no CPU problem") {
  json trial = slow();
  no_cores_left(trial);
  set(trial, "/brokers/2/cpu", 0.2);
  set(trial, "/brokers/1/gc",
      {{"total_ns", 2500 * ms}, {"max_ns", 90 * ms}, {"pauses", json::array()}});
  CHECK(names(bound(trial)) == std::vector<std::string>{"garbage_collection"});
  set(trial, "/brokers/1/gc/total_ns", 1500 * ms);
  CHECK(names(bound(trial)) == std::vector<std::string>{"broker_cpu"});
}

TEST_CASE("constraints: a busy disk counts where brokers use one") {
  json trial = slow();
  set_machine(trial, "disk_busy", 0.93);
  CHECK(leading(trial).name == "not_seen");  // their data is in memory
  set(trial, "/brokers/0/write_bytes", 1'200'000'000);
  const Bound found = leading(trial);
  CHECK(found.name == "disk");
  CHECK(found.evidence ==
        "the busiest disk had requests under way 93 % of the time, brokers wrote and read 114 MiB "
        "a second, tasks waited for disks 1 % of the time");
}

TEST_CASE("constraints: appends that grow slow while tasks wait for disks are the disk's") {
  json trial = slow();
  set(trial, "/brokers/0/write_bytes", 1'200'000'000);
  set(trial, "/brokers/0/requests/produce/local", times(30 * ms));
  CHECK(leading(trial).name == "not_seen");  // of a lock, perhaps
  set_machine(trial, "io_pressure", 0.4);
  const Bound found = leading(trial);
  CHECK(found.name == "disk");
  CHECK(found.strength == Approx(30.0 / 36));
  CHECK(found.evidence.find("its wait grew from 0 s to 30 ms, the mean response from 4 ms to 40 "
                            "ms") != std::string::npos);
}

TEST_CASE("constraints: threads of a broker without time left are its queue's or its network's") {
  json handlers = slow();
  set(handlers, "/brokers/1/handler_idle", 0.04);
  CHECK(leading(handlers).name == "request_queue");
  CHECK(leading(handlers).evidence ==
        "request handlers of node 2 were idle 4 % of the time, produce requests of node 1 waited "
        "100 us for one");
  json threads = slow();
  set(threads, "/brokers/2/network_idle", 0.1);
  CHECK(leading(threads).name == "network");
  set(threads, "/brokers/2/network_idle", 0.2);
  CHECK(leading(threads).name == "not_seen");
}

TEST_CASE("constraints: without anything saturated the wait that grew most leads") {
  json trial = slow();
  set(trial, "/brokers/0/requests/produce/queue", times(8 * ms));
  CHECK(leading(trial).name == "not_seen");  // 8 of 36 ms explain too little
  set(trial, "/brokers/0/requests/produce/queue", times(12 * ms));
  set(trial, "/brokers/1/requests/produce/remote", times(11 * ms));
  CHECK(leading(trial).name == "request_queue");
  set(trial, "/brokers/1/requests/produce/remote", times(30 * ms));
  CHECK(leading(trial).name == "replication");
  set(trial, "/brokers/2/requests/produce/response_send", times(33 * ms));
  CHECK(leading(trial).name == "network");
  const Bound alone = bound_by({View(trial), cores}, std::nullopt).leading;
  CHECK(alone.name == "not_seen");  // of what grew, one trial says nothing
}

TEST_CASE("constraints: an ISR that shrinks by itself is replication's limit") {
  json trial = slow();
  set(trial, "/brokers/1/isr_shrinks", 3);
  CHECK(leading(trial).name == "replication");
  CHECK(leading(trial).evidence.find("followers fell out of the ISR 3 times") == 0);
  trial["faults"].push_back({{"action", "pause"}});
  CHECK(leading(trial).name == "not_seen");
}

TEST_CASE("constraints: a full client's queue is the client's, and no fault of the generator") {
  json trial = slow();
  full_queue(trial);
  const Bound found = leading(trial);
  CHECK(found.name == "client_queue");
  CHECK(found.evidence == "the clients' queues of 'produce' were full 90 % of the time");
  set(trial, "/workloads/0/backpressure_ns", 9'000'000'000);
  CHECK(leading(trial).name == "client_queue");  // not most of the time: by the wait that grew
  set(trial, "/workloads/0/backpressure_ns", 1'000'000'000);
  CHECK(leading(trial).name == "generator");  // full for so little of it explains nothing
}

// --- several at once ---

TEST_CASE("constraints: of several the cause leads, and the others are named beside it") {
  json trial = slow();
  full_queue(trial);
  set(trial, "/brokers/1/handler_idle", 0.02);
  CHECK(names(bound(trial)) == std::vector<std::string>{"request_queue", "client_queue"});
  no_cores_left(trial);
  CHECK(names(bound(trial)) ==
        std::vector<std::string>{"broker_cpu", "request_queue", "client_queue"});
  throttled(trial);
  CHECK(leading(trial).name == "quota");
  set(trial, "/brokers/1/isr_shrinks", 1);
  CHECK(bound(trial).others.size() == 4);
}

TEST_CASE("constraints: the cluster is never named where the generator was the limit") {
  json trial = slow();
  late_generator(trial);
  for (void (*also)(json&) : {throttled, no_cores_left, hot_leader}) {
    json both = trial;
    also(both);
    CHECK(leading(both).name == "generator");
  }
  set(trial, "/brokers/1/handler_idle", 0.0);
  set(trial, "/brokers/1/isr_shrinks", 9);
  CHECK(leading(trial).name == "generator");
}

// --- and nothing ---

TEST_CASE(
    "constraints: growth without a saturated resource is not seen, and says what came "
    "nearest") {
  const Bound found = leading(slow());
  CHECK(found.name == "not_seen");
  CHECK(found.strength == 0);
  CHECK(found.evidence ==
        "the mean response grew from 4 ms to 40 ms without a saturated resource; nearest its "
        "limit, at 50 %, came broker_cpu: node 1 used 0.50 of its 4 cores; all nodes together used "
        "1.50 cores, the generator 0.40, and this machine's cores were 50 % busy");
  CHECK(leading(healthy()).evidence.find("did not grow, and nothing is saturated") !=
        std::string::npos);
}

TEST_CASE("constraints: an empty record names nothing, nor does one without any of its parts") {
  const json empty = json::object();
  const Bound found = bound_by({View(empty), 0}, std::nullopt).leading;
  CHECK(found.name == "not_seen");
  CHECK(found.evidence == "nothing is saturated; the record tells of no resource");
  CHECK_FALSE(nearest_limit({View(empty), 0}));
  const json all = healthy();
  for (const auto& [key, value] : all.items()) {
    INFO(key);
    json without = slow();
    without.erase(key);
    CHECK(leading(without).name == "not_seen");
  }
}

TEST_CASE("constraints: of an ordinary trial the nearest its limit is told") {
  const json trial = healthy();
  CHECK(nearest_limit({View(trial), cores})->name == "broker_cpu");
  json busier = healthy();
  set(busier, "/brokers/2/handler_idle", 0.4);
  CHECK(nearest_limit({View(busier), cores})->name == "request_queue");
  CHECK(nearest_limit({View(busier), cores})->strength == Approx(0.6));
}

TEST_CASE("constraints: of several trials at a load the name that most of them have") {
  const json passed = healthy(), other = slow();
  json cpu = slow(), quota = slow();
  no_cores_left(cpu);
  throttled(quota);
  const std::vector<Scene> before{{View(passed), cores}};
  const Scene by_cpu{View(cpu), cores}, by_quota{View(quota), cores}, by_none{View(other), cores};
  const auto most = [&](const std::vector<Scene>& failed) {
    return bound_by_most(failed, before).leading.name;
  };
  CHECK(most({by_quota, by_cpu, by_cpu}) == "broker_cpu");
  CHECK(most({by_cpu, by_quota}) == "quota");
  CHECK(most({by_none, by_cpu}) == "broker_cpu");
  CHECK(bound_by_most({by_cpu}, {}).leading.name == "broker_cpu");
}

TEST_CASE("constraints: as JSON, with what leads and what else is saturated") {
  json trial = slow();
  hot_leader(trial);
  const json out = to_json(bound(trial));
  CHECK(out.at("name") == "hot_partition");
  CHECK(out.at("strength") == 0.98);
  CHECK(out.at("needs") == "keys that spread, or leaders moved");
  CHECK(out.at("others").at(0).at("name") == "broker_cpu");
  CHECK_FALSE(out.at("others").at(0).contains("needs"));
}

TEST_CASE("constraints: no two have the same order, and each says what it is") {
  std::set<int> orders;
  for (const auto& [name, plugin] : Registry<Constraint>::instance().all()) {
    CHECK(orders.insert(plugin.make(Options{})->order()).second);
    CHECK_FALSE(plugin.help.empty());
  }
  CHECK(orders.size() == 10);
}

}  // namespace
}  // namespace seatrial::judge
