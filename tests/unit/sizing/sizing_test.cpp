// The sizing equations: by hand, against published examples, at their edges, and fed by a run.
//
// The published examples, as they were on their pages in 2026:
//   AxonOps, "Kafka Capacity Planning"
//     https://docs.axonops.com/data-platforms/kafka/operations/performance/capacity-planning
//   Oracle, "OCNADD Benchmarking Guide", 23.2, 3.4 Disk Throughput Requirements
//     https://docs.oracle.com/en/industries/communications/data-director/23.2.0/
//   Google Cloud, "Plan the size of your Managed Service for Apache Kafka cluster"
//     https://cloud.google.com/managed-service-for-apache-kafka/docs/plan-cluster-size
#include <nlohmann/json.hpp>

#include "core/check.hpp"
#include "sizing/answer.hpp"
#include "sizing/equations.hpp"
#include "sizing/machines.hpp"
#include "support/catch.hpp"
#include "support/text.hpp"

namespace seatrial::sizing {
namespace {

using nlohmann::json;
using test::contains;

constexpr double day_s = 86'400;

// Nothing is added for safety: each test adds what it is about.
Values bare() {
  return {.utilisation_cap = 1,
          .free_disk_share = 0,
          .read_weight = 0.25,
          .cpu_s_per_mb = 0.001,
          .wire_per_payload = 1,
          .cached_s = 0,
          .heap_bytes = 0,
          .partition_bytes_per_s = 1e12,
          .replicas_per_broker = 1e9,
          .segment_bytes = 0};
}

Machine large() {
  return {.name = "large",
          .cores = 1000,
          .disk_bytes_per_s = 1e12,
          .network_bytes_per_s = 1e12,
          .memory_bytes = 1e12};
}

Demand demand(double ingress, double replication) {
  return {.ingress_bytes_per_s = ingress,
          .groups = 3,
          .replication = replication,
          .tolerate = 0,
          .retention_s = 7 * day_s};
}

Estimate estimated(const Demand& what, const Machine& machine, const Values& values) {
  auto out = estimate(what, machine, values);
  if (!out) FAIL(out.error().message);
  return std::move(out).value();
}

double bound(const Estimate& of, const std::string& resource) {
  for (const Bound& each : of.bounds)
    if (each.resource == resource) return each.brokers;
  return -1;
}

std::string refusal(const Demand& what, const Machine& machine = usual_machine()) {
  const auto out = estimate(what, machine, values_at(assumed(), End::few));
  return out ? "" : out.error().message + "; " + out.error().hint;
}

}  // namespace

TEST_CASE("sizing: each resource's bound is the equation's, by hand") {
  Demand what = demand(100e6, 3);
  what.tolerate = 1;
  Machine machine{.name = "m",
                  .cores = 4,
                  .disk_bytes_per_s = 200e6,
                  .network_bytes_per_s = 125e6,
                  .memory_bytes = 16e9};
  Values values = bare();
  values.utilisation_cap = 0.5;
  values.cpu_s_per_mb = 0.02;
  values.wire_per_payload = 1.1;
  values.cached_s = 30;
  values.heap_bytes = 6e9;
  values.partition_bytes_per_s = 10e6;
  values.replicas_per_broker = 10;
  const auto out = estimated(what, machine, values);
  CHECK(bound(out, "disk") == Approx(100e6 * 3 / (200e6 * 0.5) + 1));        // 4
  CHECK(bound(out, "network in") == Approx(330e6 / (125e6 * 0.5) + 1));      // 6.28
  CHECK(bound(out, "network out") == Approx(100e6 * 5 * 1.1 / 62.5e6 + 1));  // 9.8
  CHECK(bound(out, "CPU") == Approx(100 * 0.02 * (3 + 5 * 0.25) / (4 * 0.5) + 1));
  CHECK(bound(out, "memory") == Approx(300e6 * 30 / 10e9 + 1));
  CHECK(bound(out, "replicas") == Approx(10 * 3 / 10.0));
  CHECK(bound(out, "replication") == Approx(4));
  CHECK(out.binding == "network out");
  CHECK(out.brokers == 10);
  CHECK(out.partitions == 10);
}

TEST_CASE("sizing: the published example of AxonOps") {
  // 500 MB/s of payload, 3 replicas, 7 days, brokers of 300 MB/s: 5 brokers, 181.4 TB on each, and
  // 218 TB with 20 % more. The same here; ours adds, beyond it, free space as a share of the disk
  // (so that 20 % are left: 227 TB, not 218), segments that are written to, and brokers that fail.
  // A hair more than 300 MB/s: what is exactly full never catches up, which ours refuses.
  Machine machine = large();
  machine.disk_bytes_per_s = 300.001e6;
  const auto out = estimated(demand(500e6, 3), machine, bare());
  CHECK(out.brokers == 5);
  CHECK(out.binding == "disk");
  CHECK(out.storage_bytes == Approx(907.2e12));
  CHECK(out.storage_bytes_per_broker == Approx(181.44e12));
  Values free = bare();
  free.free_disk_share = 1 - 1 / 1.2;  // 20 % on top of what is stored
  CHECK(estimated(demand(500e6, 3), machine, free).storage_bytes_per_broker ==
        Approx(218e12).epsilon(0.002));
  free.free_disk_share = 0.2;
  CHECK(estimated(demand(500e6, 3), machine, free).storage_bytes_per_broker == Approx(226.8e12));
  // Its 6,000 partitions with at most 4,000 on a broker bind nothing there, as it counts each once.
  // Three replicas of each are 18,000, which fill four and a half of its five.
  Demand partitioned = demand(500e6, 3);
  partitioned.partitions = 6000;
  Values capped = bare();
  capped.replicas_per_broker = 4000;
  const auto with = estimated(partitioned, machine, capped);
  CHECK(with.brokers == 5);
  CHECK(bound(with, "replicas") == Approx(4.5));
}

TEST_CASE("sizing: the published example of Oracle's data director") {
  // Messages of 1,941 and 3,769 bytes, 39,000/s, each copied into two topics, on three brokers:
  // written in all (MiB/s), and by each broker (with a tenth more).
  struct Row {
    double message_bytes, replication, written, by_each;
  };
  for (const Row& row : {Row{1941, 1, 145, 54}, Row{1941, 2, 289, 106}, Row{3769, 1, 281, 104},
                         Row{3769, 2, 561, 206}}) {
    INFO(row.message_bytes << " bytes, " << row.replication << " replicas");
    constexpr double mib = 1 << 20;
    Demand what = demand(row.message_bytes * 39'000 * 2, row.replication);
    what.growth = 0.1;  // their buffer
    what.brokers = 3;
    const auto out = estimated(what, large(), bare());
    CHECK(out.load.disk_bytes_per_s / 1.1 / mib == Approx(row.written).epsilon(0.01));
    CHECK(out.load.disk_bytes_per_s / 3 / mib == Approx(row.by_each).epsilon(0.02));
  }
  // Reads differ: theirs all come from disks. Ours come from the page cache, which is sized for it.
}

TEST_CASE("sizing: Google Cloud's equations for CPU are ours with its coefficients") {
  // Written 100 * 3, read 200 + 100 * 2 a quarter, 20 MB/s a vCPU, half of it used: 40 vCPUs.
  Demand what = demand(100e6, 3);
  what.groups = 2;
  Values values = bare();
  values.cpu_s_per_mb = 1.0 / 20;
  CHECK(load_of(what, values).cpu_cores / 0.5 == Approx(40));
}

TEST_CASE("sizing: brokers that are gone leave their share to the others") {
  Demand what = demand(100e6, 3);
  what.tolerate = 1;
  Machine machine = large();
  machine.disk_bytes_per_s = 200e6;
  Values values = bare();
  values.utilisation_cap = 0.5;
  const auto out = estimated(what, machine, values);
  REQUIRE(out.brokers == 4);
  REQUIRE(out.states.size() == 3);
  CHECK(out.states[0].most().of_one == Approx(300e6 / (4 * 200e6)));
  CHECK(out.states[1].most().of_one == Approx(0.5));  // the cap, to which it was sized
  CHECK(out.states[2].name == "1 down during a rolling restart");
  CHECK(out.states[2].most().of_one == Approx(0.75));
  // It carries 266.7 MB/s; an hour of 100 MB/s is worked off at 166.7.
  CHECK(out.carries_bytes_per_s == Approx(800e6 / 3));
  CHECK(out.catch_up_s == Approx(100e6 * 3600 / (800e6 / 3 - 100e6)));
  // One broker missed 75 MB/s, and takes 200.
  CHECK(out.refill_s == Approx(75e6 * 3600 / 125e6));
}

TEST_CASE("sizing: what cannot be is refused with what to change") {
  Demand what = demand(50e6, 3);
  CHECK(refusal(what).empty());
  what.tolerate = 3;
  CHECK(contains(refusal(what), "--tolerate 2 at most, or --replication 4"));
  what.tolerate = 1;
  what.brokers = 2;
  CHECK(contains(refusal(what), "2 brokers cannot hold 3 replicas"));
  what.brokers = 3;
  what.ingress_bytes_per_s = 3e9;
  CHECK(contains(refusal(what), "3 brokers never catch up"));
  CHECK(contains(refusal(what), "is the fewest that hold"));
  what.ingress_bytes_per_s = 0;
  CHECK(contains(refusal(what), "--ingress takes bytes a second"));
  what = demand(50e6, 3);
  what.average_bytes_per_s = 60e6;
  CHECK(contains(refusal(what), "lower --average"));
  what = demand(50e6, 3);
  Machine small = usual_machine();
  small.memory_bytes = 2e9;
  CHECK(contains(refusal(what, small), "give it more memory"));
}

TEST_CASE("sizing: machines are read from a line, and from a file with places") {
  const auto machine = parse_machine("cores=8,disk=250MB/s,network=1.25GB/s,memory=64GiB");
  REQUIRE(machine);
  CHECK(machine->cores == 8);
  CHECK(machine->network_bytes_per_s == 1.25e9);
  CHECK(machine->memory_bytes == 64.0 * (1 << 30));
  const auto wrong = [](const char* text) {
    const auto out = parse_machine(text);
    return out ? "" : out.error().message + "; " + out.error().hint;
  };
  CHECK(contains(wrong("core=8"), "no key 'core' (did you mean 'cores'?)"));
  CHECK(contains(wrong("cores=8"), "disk is missing; add it, as in disk=250MB/s"));
  CHECK(contains(wrong("cores=-8"), "cores must be above 0"));
  CHECK(contains(wrong("cores"), "no KEY=VALUE"));
  CHECK(contains(wrong("disk=250MB/h"), "disk: "));

  const auto some = parse_machines(
      "- {name: small, cores: 4, disk: 125MB/s, network: 1GB/s, memory: 16GiB}\n"
      "- {name: big, cores: 16, disk: 500MB/s, network: 2GB/s, memory: 64GiB, storage: 8TB}\n",
      "machines.yaml");
  REQUIRE(some);
  CHECK(some->size() == 2);
  CHECK(some->at(1).storage_bytes == 8e12);
  const auto spoilt = parse_machines("- {name: small,\n   kernels: 4}\n", "machines.yaml");
  REQUIRE_FALSE(spoilt);
  CHECK(spoilt.error().message.starts_with("machines.yaml:2:4: a machine has no key 'kernels'"));
}

namespace {

// `cores` in all, at so many MB/s of payload, with one replica and one group.
json trial_of(double mb_per_s, double cores) {
  constexpr int seconds = 10;
  const auto acked = static_cast<std::int64_t>(mb_per_s * 1e6 / 1000);
  json points = json::array();
  for (int second = 0; second < seconds; ++second)
    points.push_back({{"t_s", second}, {"intended", acked}, {"acked", acked}});
  return {{"status", "finished"},
          {"phases", {{{"name", "measure"}, {"from_s", 0.0}, {"to_s", seconds * 1.0}}}},
          {"topics", {{{"name", "orders"}, {"replication", 1}}}},
          {"workloads",
           {{{"name", "produce"}, {"message_bytes", 1000}, {"totals", {{"intended", 1}}}},
            {{"name", "read"}, {"totals", {{"consumed", 1}}}}}},
          {"series", {{{"workload", "produce"}, {"points", points}}}},
          {"brokers",
           {{{"node", 1},
             {"role", "broker"},
             {"cpu", cores},
             {"net_in_bytes", mb_per_s * 1e6 * seconds * 1.05},
             {"net_out_bytes", mb_per_s * 1e6 * seconds * 1.05}}}}};
}

}  // namespace

TEST_CASE("sizing: a run's trials replace assumptions, and are told apart from them") {
  // Half a core of idling, and 0.04 cores for each MB/s, of which one sent counts a quarter.
  const json record{{"trials", {trial_of(2, 0.6), trial_of(10, 1.0)}}};
  Coefficients of = assumed();
  const auto lacks = take_measured(View(record), "results/run", of);
  REQUIRE(lacks);
  CHECK(lacks->empty());
  CHECK(of.cpu_s_per_mb.measured);
  CHECK(of.cpu_s_per_mb.few == Approx(0.04));
  CHECK(of.cpu_s_per_mb.many == Approx(0.08));
  CHECK(contains(of.cpu_s_per_mb.source, "results/run, 2 trials"));
  CHECK(of.wire_per_payload.measured);
  CHECK(of.wire_per_payload.few == Approx(1.05));
  CHECK_FALSE(of.cached_s.measured);
  const json nothing{{"trials", json::array()}};
  CHECK_FALSE(take_measured(View(nothing), "results/run", of));
}

TEST_CASE("sizing: the answer has both ends, what binds, and every coefficient's origin") {
  Demand what = demand(50e6, 3);
  what.tolerate = 1;
  const auto one = answer(what, {{usual_machine(), true}}, assumed());
  const std::string text = answer_text(View(one));
  CHECK(contains(text, "(assumed; --machine describes yours)"));
  CHECK(contains(text, "1 down during a rolling restart"));
  CHECK(contains(text, "assumed   utilisation cap"));
  CHECK(one["choices"][0]["few"]["brokers"] <= one["choices"][0]["many"]["brokers"]);
  CHECK(one["coefficients"].size() == coefficient_rows().size());
  Machine small = usual_machine(), none = usual_machine();
  small.name = "small";
  small.disk_bytes_per_s = 50e6;
  none.name = "none";
  none.memory_bytes = 1e9;
  const std::string table = answer_text(
      View(answer(what, {{usual_machine(), false}, {small, false}, {none, false}}, assumed())));
  CHECK(contains(table, "small"));
  CHECK(contains(table, "give it more memory"));
  CHECK_THROWS_AS(answer(what, {{none, false}}, assumed()), UsageError);
}

}  // namespace seatrial::sizing
