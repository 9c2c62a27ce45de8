// From a message's intended time to its consumer, at rates that a service has rather than a
// benchmark: one lane produces and one consumes, through one real local broker. Prints for each
// rate and engine what a message costs our process (CPU), how often its threads were switched, and
// the latencies; medians over rounds in turn, and ranges. Beside them OpenMessaging Benchmark's
// driver for Kafka with the same terms, where there is one: its CPU is of its whole process, start
// and warm-up included, and its latencies are of what it sent, not of what was due.
//
//     ./seatrial bench end_to_end [--rates 1000,5000,20000,100000] [--rounds 5] [--seconds 5]
//                                 [--linger 1] [--wake 0,200us] [--only wire]
//     SEATRIAL_PEER_OMB    the folder of OpenMessaging Benchmark, which holds bin/benchmark
//
// Two rounds go before, whose figures are dropped: they tell of a JVM that compiles what it runs.
// Of each round the first seconds are left out, too: there a new topic's leaders, files and
// connections are made, and 50 ms of that would be its p99. Figures hold for the machine that they
// were taken on.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "bench/macro/lane_rig.hpp"
#include "bench/macro/side_by_side.hpp"
#include "core/check.hpp"
#include "core/save_file.hpp"
#include "core/units.hpp"
#include "kafka/admin.hpp"
#include "support/real_cluster.hpp"
#include "workloads/consumer_lane.hpp"
#include "workloads/producer_lane.hpp"
#include "workloads/wire_lane.hpp"

namespace seatrial::bench {
namespace {

constexpr int partitions = 6;
constexpr int message_bytes = 1024;
constexpr auto warmup = seconds(2);  // of each round
constexpr int warming_rounds = 2;
constexpr std::uint64_t warming_rate = 20'000;  // per second

struct Plan {
  std::string bootstrap;
  std::vector<std::uint64_t> rates{1000, 5000, 20'000, 100'000};
  int rounds = 5;
  std::int64_t seconds = 5;
  std::string linger_ms = "1";
  std::vector<std::string> wakes;  // of lanes over librdkafka, in turn; none: their default
  std::string only;                // engine or peer; empty: all
};

// Of one round; latencies in ms.
struct Figures {
  double cpu_us = 0, switches_per_s = 0;
  double lateness_p99 = -1;  // the peer does not tell
  double response_p50 = 0, response_p99 = 0, end_to_end_p50 = 0, end_to_end_p99 = 0;
};
using Way = std::function<Figures(const Plan&, const std::string& topic, std::uint64_t rate)>;

// CPU and switches of this process since it was made.
class Used {
 public:
  Used() : from_(read()) {}
  [[nodiscard]] Figures per(std::uint64_t messages, double seconds) const {
    const rusage to = read();
    const double cpu_us = micros(to) - micros(from_);
    const auto switches = switches_of(to) - switches_of(from_);
    return {.cpu_us = cpu_us / static_cast<double>(messages),
            .switches_per_s = static_cast<double>(switches) / seconds};
  }
  static double micros(const rusage& used) {
    return static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e6 +
           static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
  }
  static long switches_of(const rusage& used) { return used.ru_nvcsw + used.ru_nivcsw; }

 private:
  static rusage read() {
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    return used;
  }
  rusage from_;
};

using RunLane = LaneReport (*)(const workloads::ProducerSettings&, LaneContext&,
                               const std::function<void()>&, const std::stop_token&);

double at_ms(const measure::LaneRecorder& recorder, measure::Metric metric, double percentile) {
  return static_cast<double>(recorder.total(metric).value_at(percentile)) / 1e6;
}

// A consumer on a thread of its own, until everything has come to it.
class Reading {
 public:
  Reading(const Plan& plan, const std::string& topic)
      : rig(plan.bootstrap, topic, partitions, {{"auto.offset.reset", "earliest"}}),
        thread_([this, topic] {
          const workloads::ConsumerSettings settings{.group = topic};
          const auto ready = [&] {
            rig.start(warmup);
            ready_ = true;
          };
          workloads::run_consumer_lane(settings, rig.context, ready, {});
        }) {
    while (!ready_) std::this_thread::sleep_for(milliseconds(5));
  }
  ~Reading() { rig.clock.consumers_stop = true; }
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;
  void finish(std::uint64_t messages) {
    const Instant deadline = now() + seconds(30);
    while (rig.counters.consumed < messages && now() < deadline) {
      std::this_thread::sleep_for(milliseconds(5));
    }
    rig.clock.consumers_stop = true;
    thread_.join();
    if (rig.counters.consumed >= messages) return;
    throw InfrastructureError(
        fmt::format("of {} messages {} arrived", messages, rig.counters.consumed.load()));
  }
  LaneRig rig;

 private:
  std::atomic<bool> ready_ = false;
  std::jthread thread_;
};

using Wake = std::optional<nanoseconds>;

Figures play(RunLane run_lane, Wake wake, const Plan& plan, const std::string& topic,
             std::uint64_t rate) {
  Reading from(plan, topic);
  LaneRig to(plan.bootstrap, topic, partitions,
             {{"acks", "all"}, {"enable.idempotence", "true"}, {"linger.ms", plan.linger_ms}});
  const auto length = static_cast<std::uint64_t>(plan.seconds);
  workloads::ProducerSettings settings{
      .rate = {.messages = rate},
      .size = workloads::SizeShape::parse(std::to_string(message_bytes) + "B").value(),
      .keys = workloads::KeyShape::parse("none").value(),
      .count = rate * (static_cast<std::uint64_t>(warmup.count()) + length),
      .wake = wake,
      .before_handover = nullptr};
  std::optional<Used> used;
  std::jthread meter;
  const auto ready = [&] {
    to.start(warmup);
    meter = std::jthread([&] {
      std::this_thread::sleep_until(from_ns(to.clock.measure_ns));
      used.emplace();
    });
  };
  const LaneReport report = run_lane(settings, to.context, ready, {});
  meter.join();
  Figures out = used->per(rate * length, static_cast<double>(length));
  if (to.counters.acked != settings.count) {
    throw InfrastructureError(
        fmt::format("of {} messages {} were acked, {} failed, {} are unknown, {} unsent; {}",
                    settings.count, to.counters.acked.load(), to.counters.failed.load(),
                    to.counters.unknown.load(), report.unsent, fmt::join(report.notes, "; ")));
  }
  from.finish(settings.count);
  out.lateness_p99 = at_ms(to.recorder, measure::Metric::lateness, 99);
  out.response_p50 = at_ms(to.recorder, measure::Metric::response, 50);
  out.response_p99 = at_ms(to.recorder, measure::Metric::response, 99);
  out.end_to_end_p50 = at_ms(from.rig.recorder, measure::Metric::end_to_end, 50);
  out.end_to_end_p99 = at_ms(from.rig.recorder, measure::Metric::end_to_end, 99);
  return out;
}

// --- The peer ------------------------------------------------------------------------------------

// It makes its own topics. A minute is the shortest that it measures.
constexpr std::uint64_t omb_minutes = 1;

std::string omb_driver(const Plan& plan) {
  return "name: Kafka\n"
         "driverClass: io.openmessaging.benchmark.driver.kafka.KafkaBenchmarkDriver\n"
         "replicationFactor: 1\n"
         "topicConfig: |\n  min.insync.replicas=1\n"
         "commonConfig: |\n  bootstrap.servers=" +
         plan.bootstrap +
         "\nproducerConfig: |\n  acks=all\n  enable.idempotence=true\n  linger.ms=" +
         plan.linger_ms +
         "\n  batch.size=1000000\n"
         "consumerConfig: |\n  auto.offset.reset=earliest\n";
}

std::string omb_workload(std::uint64_t rate) {
  return fmt::format(
      "name: {0}\ntopics: 1\npartitionsPerTopic: {1}\nmessageSize: {2}\n"
      "useRandomizedPayloads: true\nrandomBytesRatio: 1.0\nrandomizedPayloadPoolSize: 100\n"
      "subscriptionsPerTopic: 1\nconsumerPerSubscription: 1\nproducersPerTopic: 1\n"
      "producerRate: {0}\nconsumerBacklogSizeGB: 0\n"
      "testDurationMinutes: {3}\nwarmupDurationMinutes: {3}\n",
      rate, partitions, message_bytes, omb_minutes);
}

rusage run_in(const std::string& folder, const std::vector<std::string>& command) {
  std::vector<char*> argv;
  for (const auto& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    dup2(STDERR_FILENO, STDOUT_FILENO);
    if (chdir(folder.c_str()) == 0) execvp(argv[0], argv.data());
    _exit(127);
  }
  int status = 0;
  rusage used{};
  check(wait4(child, &status, 0, &used) == child, "the peer ends");
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    throw InfrastructureError(fmt::format("{} failed in {}", fmt::join(command, " "), folder));
  }
  return used;
}

Figures play_omb(const std::string& home, const Plan& plan, std::uint64_t rate) {
  const auto folder = std::filesystem::temp_directory_path() / fmt::format("omb-{}", getpid());
  std::filesystem::create_directories(folder);
  const auto file = [&](const char* name) { return (folder / name).string(); };
  for (const auto& [name, text] : {std::pair{"driver.yaml", omb_driver(plan)},
                                   std::pair{"workload.yaml", omb_workload(rate)}}) {
    if (const auto wrong = save_file(file(name), text)) throw InfrastructureError(*wrong);
  }
  const Instant begun = now();
  const rusage used = run_in(home, {"bin/benchmark", "--drivers", file("driver.yaml"), "--output",
                                    file("result.json"), file("workload.yaml")});
  const double lasted = to_seconds(now() - begun);
  const auto result = nlohmann::json::parse(std::ifstream(file("result.json")));
  std::filesystem::remove_all(folder);
  const auto ms = [&](const char* name) { return result.at(name).get<double>(); };
  const auto messages = static_cast<double>(rate * 60 * 2 * omb_minutes);
  return {.cpu_us = Used::micros(used) / messages,
          .switches_per_s = static_cast<double>(Used::switches_of(used)) / lasted,
          .response_p50 = ms("aggregatedPublishLatency50pct"),
          .response_p99 = ms("aggregatedPublishLatency99pct"),
          .end_to_end_p50 = ms("aggregatedEndToEndLatency50pct"),
          .end_to_end_p99 = ms("aggregatedEndToEndLatency99pct")};
}

// --- All of them ---------------------------------------------------------------------------------

std::vector<std::pair<std::string, Way>> ways(const Plan& plan) {
  std::vector<std::pair<std::string, Way>> out;
  const auto wanted = [&](const char* name) { return plan.only.empty() || plan.only == name; };
  const auto lane = [](RunLane run_lane, Wake wake) {
    return [=](const Plan& of, const std::string& topic, std::uint64_t rate) {
      return play(run_lane, wake, of, topic, rate);
    };
  };
  if (wanted("librdkafka")) {
    for (const auto& wake : plan.wakes) {
      out.emplace_back("wake " + wake,
                       lane(workloads::run_producer_lane, parse_duration(wake).value()));
    }
    if (plan.wakes.empty()) {
      out.emplace_back("librdkafka", lane(workloads::run_producer_lane, std::nullopt));
    }
  }
  if (wanted("wire")) out.emplace_back("wire", lane(workloads::run_wire_lane, std::nullopt));
  if (!wanted("OMB")) return out;
  if (const auto home = peer("SEATRIAL_PEER_OMB")) {
    out.emplace_back("OMB", [home = *home](const Plan& of, const std::string&, std::uint64_t r) {
      return play_omb(home, of, r);
    });
  }
  return out;
}

std::string spread(const std::vector<Figures>& rounds, double Figures::*figure, int digits) {
  std::vector<double> values;
  for (const Figures& one : rounds) values.push_back(one.*figure);
  std::ranges::sort(values);
  if (values.front() < 0) return "-";
  return fmt::format("{0:.{3}f} ({1:.{3}f}-{2:.{3}f})", values[values.size() / 2], values.front(),
                     values.back(), digits);
}

void print(std::uint64_t rate, const std::string& way, const std::vector<Figures>& rounds) {
  fmt::print("{:>7}/s {:<11}{:>22}{:>22}{:>22}{:>26}{:>26}{:>26}{:>26}\n", rate, way,
             spread(rounds, &Figures::cpu_us, 2), spread(rounds, &Figures::switches_per_s, 0),
             spread(rounds, &Figures::lateness_p99, 2), spread(rounds, &Figures::response_p50, 2),
             spread(rounds, &Figures::response_p99, 2), spread(rounds, &Figures::end_to_end_p50, 2),
             spread(rounds, &Figures::end_to_end_p99, 2));
}

std::vector<std::string> listed(const std::string& words) {
  std::vector<std::string> out;
  std::istringstream list(words);
  for (std::string word; std::getline(list, word, ',');) out.push_back(word);
  return out;
}

Plan plan_of(const std::vector<std::string>& words) {
  Plan plan;
  for (std::size_t i = 0; i + 1 < words.size(); i += 2) {
    if (words[i] == "--rounds") plan.rounds = static_cast<int>(*parse_integer(words[i + 1]));
    if (words[i] == "--seconds") plan.seconds = *parse_integer(words[i + 1]);
    if (words[i] == "--linger") plan.linger_ms = words[i + 1];
    if (words[i] == "--wake") plan.wakes = listed(words[i + 1]);
    if (words[i] == "--only") plan.only = words[i + 1];
    if (words[i] != "--rates") continue;
    plan.rates.clear();
    for (const auto& rate : listed(words[i + 1])) {
      plan.rates.push_back(static_cast<std::uint64_t>(*parse_integer(rate)));
    }
  }
  return plan;
}

// Each round writes to a topic of its own, which goes afterwards: it is kept in memory.
Figures play_round(const Plan& plan, const Way& way, std::uint64_t rate) {
  static int rounds = 0;
  const std::string topic = fmt::format("orders-{}", rounds++);
  kafka::Admin admin(plan.bootstrap);
  const kafka::NewTopic fresh{topic, partitions, 1, {{"file.delete.delay.ms", "100"}}};
  const auto made = admin.create_topics({fresh}, now() + seconds(60));
  if (!made) throw InfrastructureError(made.error().message);
  const Figures out = way(plan, topic, rate);
  const auto gone = admin.delete_topics({topic}, now() + seconds(60));
  if (!gone) throw InfrastructureError(gone.error().message);
  return out;
}

int run(const std::vector<std::string>& words) {
  Plan plan = plan_of(words);
  test::RealCluster cluster("local", {.brokers = 1, .combined = true}, "end-to-end-bench");
  plan.bootstrap = cluster->bootstrap();
  const auto all = ways(plan);
  if (all.empty()) throw InfrastructureError("--only is librdkafka, wire or OMB, where it is");
  for (int round = 0; round < warming_rounds; ++round) {
    static_cast<void>(play_round(plan, all.front().second, warming_rate));
  }
  fmt::print("{:>7}   {:<11}{:>22}{:>22}{:>22}{:>26}{:>26}{:>26}{:>26}\n", "", "", "CPU us/message",
             "switches/s", "lateness p99 ms", "response p50 ms", "response p99 ms",
             "end to end p50 ms", "end to end p99 ms");
  for (const std::uint64_t rate : plan.rates) {
    std::vector<std::vector<Figures>> figures(all.size());
    for (int round = 0; round < plan.rounds; ++round) {
      for (std::size_t i = 0; i < all.size(); ++i) {
        figures[i].push_back(play_round(plan, all[i].second, rate));
      }
    }
    for (std::size_t i = 0; i < all.size(); ++i) print(rate, all[i].first, figures[i]);
  }
  return 0;
}

const MacroRegistration registration(
    {"end_to_end", "CPU, switches and latencies from the intended time to the consumer", run});

}  // namespace
}  // namespace seatrial::bench
