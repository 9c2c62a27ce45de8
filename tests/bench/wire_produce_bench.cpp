// What producing costs by wire: a lane with `engine: wire`, ledger, histograms and availability on,
// beside another program, in turn, against one real local broker. Prints the CPU of the whole
// process per message, medians and ranges, and their ratio.
//
//     SEATRIAL_PEER_PRODUCER=/path/rdkafka_performance wire_produce_bench [MESSAGES [ROUNDS]]
//
// Each turn is a process of its own (this program again, with --produce), so that its CPU is what
// the system says of it, start and connecting included; the broker's is not in it. Same partitions,
// acks, size, linger, batch and queue limits for both, and a topic of its own for each. Figures
// hold for the machine they were taken on; only those of one run compare.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "core/check.hpp"
#include "core/workload.hpp"
#include "kafka/admin.hpp"
#include "kafka/wire/connection.hpp"
#include "ledger/ledger.hpp"
#include "measure/availability.hpp"
#include "measure/recorder.hpp"
#include "support/real_cluster.hpp"
#include "workloads/wire_lane.hpp"

namespace {

using namespace seatrial;

constexpr int partitions = 6;
constexpr std::size_t size = 100;
const std::map<std::string, std::string> properties{{"acks", "1"},
                                                    {"linger.ms", "5"},
                                                    {"batch.num.messages", "10000"},
                                                    {"queue.buffering.max.messages", "100000"},
                                                    {"max.in.flight", "5"}};

// --- The producing process
// --------------------------------------------------------------------------

int produce(const std::string& bootstrap, const std::string& topic, std::uint64_t messages) {
  std::vector<TopicPartition> all;
  for (int p = 0; p < partitions; ++p) all.push_back({topic, p});
  TrialClock clock;
  LaneCounters counters;
  measure::LaneRecorder recorder(0, 0);
  measure::Availability availability(all);
  ledger::Ledger ledger(
      {{.lane = LaneId(0), .workload = "bench", .topic = topic, .partitions = partitions}});
  ledger::LaneLedger lane = ledger.lane(0);
  LaneContext context;
  context.workload = "bench";
  context.bootstrap = bootstrap;
  context.topic = topic;
  context.partitions = partitions;
  context.trial_tag = 0x5ea7;
  context.properties = properties;
  context.clock = &clock;
  context.counters = &counters;
  context.recorder = &recorder;
  context.availability = &availability;
  context.ledger = &lane;
  const auto ready = [&] {
    clock.start_ns = clock.measure_ns = to_ns(now());
    clock.intend_until_ns = clock.start_ns + nanoseconds(std::chrono::hours(1)).count();
    recorder.set_window(clock.measure_ns, clock.intend_until_ns);
  };
  const workloads::ProducerSettings settings{
      .rate = parse_rate("max").value(),
      .size = workloads::SizeShape::parse(std::to_string(size) + "B").value(),
      .keys = workloads::KeyShape::parse("none").value(),
      .count = messages,
      .before_handover = nullptr};
  const auto report = workloads::run_wire_lane(settings, context, ready, {});
  const bool all_recorded = recorder.total(measure::Metric::response).count() == messages;
  for (const auto& [partition, errors] : report.errors) {
    for (const auto& [name, count] : errors) {
      fmt::print(stderr, "partition {}: {} messages with {}\n", partition, count, name);
    }
  }
  return report.unsent == 0 && counters.acked == messages && all_recorded ? 0 : 1;
}

// --- The measuring process
// ------------------------------------------------------------------------

struct Cost {
  double cpu_us = 0;  // per message, user and system
  double million_per_s = 0;
};

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

Cost run(const std::vector<std::string>& command, std::uint64_t messages) {
  std::vector<char*> argv;
  for (const auto& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  const Instant begun = now();
  const pid_t child = fork();
  if (child == 0) {
    const int nowhere = open("/dev/null", O_WRONLY);
    dup2(nowhere, STDOUT_FILENO);
    execv(argv[0], argv.data());
    _exit(127);
  }
  int status = 0;
  rusage used{};
  check(wait4(child, &status, 0, &used) == child, "the producing process ends");
  check(WIFEXITED(status) && WEXITSTATUS(status) == 0, "everything was acked: " + command.front());
  const double count = static_cast<double>(messages);
  return {(seconds_of(used.ru_utime) + seconds_of(used.ru_stime)) * 1e6 / count,
          count / to_seconds(now() - begun) / 1e6};
}

struct Way {
  std::string name;
  std::vector<std::string> command;  // with TOPIC for the topic
  std::vector<Cost> costs{};
};

std::vector<std::string> with_topic(std::vector<std::string> command, const std::string& topic) {
  std::ranges::replace(command, std::string("TOPIC"), topic);
  return command;
}

std::string spread(std::vector<double> values) {
  std::ranges::sort(values);
  return fmt::format("{:.3f} ({:.3f} to {:.3f})", values[values.size() / 2], values.front(),
                     values.back());
}

void print(const Way& way) {
  std::vector<double> cpu, rate;
  for (const Cost& cost : way.costs) {
    cpu.push_back(cost.cpu_us);
    rate.push_back(cost.million_per_s);
  }
  fmt::print("{:<22} {:>26} {:>26}\n", way.name, spread(cpu), spread(rate));
}

// Until every leader knows that it is one: a lane that never sends again would be refused.
void wait_for_leaders(const std::string& bootstrap, const std::string& topic) {
  const Instant deadline = now() + seconds(60);
  auto connection = kafka::wire::Connection::open(bootstrap, deadline);
  check(connection.has_value(), "the broker can be asked");
  for (int p = 0; p < partitions;) {
    check(now() < deadline, "the topic can be written");
    p += connection->offset({topic, p}, kafka::wire::Offset::high_watermark, deadline) ? 1 : 0;
  }
}

// A topic of its own for each turn, which goes afterwards.
void turn(const std::string& bootstrap, const std::string& topic, Way& way,
          std::uint64_t messages) {
  kafka::Admin admin(bootstrap);
  const kafka::NewTopic fresh{topic, partitions, 1, {{"file.delete.delay.ms", "100"}}};
  check(admin.create_topics({fresh}, now() + seconds(60)).has_value(), "the topic can be made");
  wait_for_leaders(bootstrap, topic);
  way.costs.push_back(run(with_topic(way.command, topic), messages));
  check(admin.delete_topics({topic}, now() + seconds(60)).has_value(), "and deleted");
}

int measure_all(const std::string& self, std::uint64_t messages, int rounds) {
  test::RealCluster cluster("local", {.brokers = 1, .combined = true}, "wire-produce-bench");
  const std::string bootstrap = cluster->bootstrap();
  const std::string count = std::to_string(messages);
  std::vector<Way> ways{{"wire lane", {self, "--produce", bootstrap, "TOPIC", count}}};
  if (const char* peer = std::getenv("SEATRIAL_PEER_PRODUCER")) {
    Way way{"peer",
            {peer, "-P", "-t", "TOPIC", "-b", bootstrap, "-s", std::to_string(size), "-c", count,
             "-a", "1", "-q"}};
    for (const auto& [name, value] : properties) {
      way.command.insert(way.command.end(), {"-X", name + "=" + value});
    }
    ways.push_back(std::move(way));
  } else {
    fmt::print("SEATRIAL_PEER_PRODUCER is not set: rdkafka_performance is skipped\n");
  }
  for (int round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < ways.size(); ++i) {
      turn(bootstrap, fmt::format("produce-{}-{}", round, i), ways[i], messages);
    }
  }
  fmt::print("{:<22} {:>26} {:>26}\n", "produced by", "CPU us/message", "million messages/s");
  for (const Way& way : ways) print(way);
  if (ways.size() < 2) return 0;
  std::vector<double> ratios;
  for (std::size_t i = 0; i < ways[0].costs.size(); ++i) {
    ratios.push_back(ways[1].costs[i].cpu_us / ways[0].costs[i].cpu_us);
  }
  fmt::print("{:<22} {:>26}\n", "peer / wire, by round", spread(ratios));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv, argv + argc);
  if (argc == 5 && words[1] == "--produce")
    return produce(words[2], words[3], std::stoull(words[4]));
  return measure_all("/proc/self/exe", argc > 1 ? std::stoull(words[1]) : 5'000'000,
                     argc > 2 ? std::stoi(words[2]) : 7);
}
