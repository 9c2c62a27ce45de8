// Our lanes beside what others measure with: CPU of the whole process per message, against one real
// local broker, interleaved.
//
//     ./seatrial bench peers [--messages N] [--rounds N] [--json FILE]
//     SEATRIAL_PEER_PRODUCER, SEATRIAL_PEER_CONSUMER   paths of librdkafka's rdkafka_performance
//
// Produce: a bare loop over rd_kafka_produce_batch that keeps no books, our lane with ledger,
// histograms and availability, the same by wire, rdkafka_performance, and Kafka's own
// kafka-producer-perf-test. Consume: a bare loop over rd_kafka_consume_batch_queue, our lane with
// every message's identity, checksum and order checked, rdkafka_performance, and
// kafka-consumer-perf-test. Same partitions, sizes, acks, linger, batch and queue limits for all.
// The broker's CPU is not in the figures; rates are, but the broker shares the processor.
#include <fmt/format.h>
#include <librdkafka/rdkafka.h>

#include <thread>

#include "bench/macro/lane_rig.hpp"
#include "bench/macro/side_by_side.hpp"
#include "clusters/jars.hpp"
#include "core/check.hpp"
#include "core/numbers.hpp"
#include "core/units.hpp"
#include "kafka/admin.hpp"
#include "kafka/config.hpp"
#include "kafka/handle.hpp"
#include "kafka/wire/connection.hpp"
#include "support/real_cluster.hpp"
#include "workloads/consumer_lane.hpp"
#include "workloads/producer_lane.hpp"
#include "workloads/wire_lane.hpp"

namespace seatrial::bench {
namespace {

constexpr int partitions = 6;
constexpr std::size_t size = 100;
constexpr std::size_t batch = 1000;

using Properties = std::map<std::string, std::string>;

const Properties producing{{"acks", "1"},
                           {"linger.ms", "5"},
                           {"batch.num.messages", "10000"},
                           {"queue.buffering.max.messages", "100000"}};
const Properties consuming{{"queued.min.messages", "10000000"},
                           {"queued.max.messages.kbytes", "2097151"},
                           {"auto.offset.reset", "earliest"}};

Properties with_bootstrap(Properties properties, const std::string& bootstrap) {
  properties["bootstrap.servers"] = bootstrap;
  return properties;
}

kafka::ClientHandle client_of(kafka::ClientType type, const Properties& properties) {
  auto client = kafka::make_client(type, kafka::make_conf(properties).value());
  if (!client) throw InfrastructureError(client.error().message);
  return std::move(*client);
}

// --- What the measured processes do --------------------------------------------------------------

int produce_bare(const std::string& bootstrap, const std::string& topic, std::uint64_t messages) {
  const auto client = client_of(kafka::ClientType::producer, with_bootstrap(producing, bootstrap));
  const kafka::TopicHandle handle(rd_kafka_topic_new(client.get(), topic.c_str(), nullptr));
  std::vector<char> value(size, 'x');
  std::vector<rd_kafka_message_t> messages_of_batch(batch);
  std::int32_t partition = 0;
  for (std::uint64_t done = 0; done < messages;) {
    const auto n = static_cast<int>(std::min<std::uint64_t>(batch, messages - done));
    for (auto& message : messages_of_batch) {
      message = {};
      message.payload = value.data();
      message.len = size;
    }
    done += static_cast<std::uint64_t>(
        rd_kafka_produce_batch(handle.get(), partition, 0, messages_of_batch.data(), n));
    partition = (partition + 1) % partitions;
    rd_kafka_poll(client.get(), rd_kafka_outq_len(client.get()) > 99'000 ? 1 : 0);
  }
  return rd_kafka_flush(client.get(), 60'000) == RD_KAFKA_RESP_ERR_NO_ERROR ? 0 : 1;
}

using RunLane = LaneReport (*)(const workloads::ProducerSettings&, LaneContext&,
                               const std::function<void()>&, const std::stop_token&);

int produce(RunLane run_lane, const std::string& bootstrap, const std::string& topic,
            std::uint64_t messages) {
  LaneRig rig(bootstrap, topic, partitions, producing);
  const workloads::ProducerSettings settings{
      .rate = parse_rate("max").value(),
      .size = workloads::SizeShape::parse(std::to_string(size) + "B").value(),
      .keys = workloads::KeyShape::parse("none").value(),
      .count = messages,
      .before_handover = nullptr};
  const auto report = run_lane(settings, rig.context, [&] { rig.start(); }, {});
  const auto recorded = rig.recorder.total(measure::Metric::response).count();
  return report.unsent == 0 && rig.counters.acked == messages && recorded == messages ? 0 : 1;
}

int produce_lane(const std::string& bootstrap, const std::string& topic, std::uint64_t messages) {
  return produce(workloads::run_producer_lane, bootstrap, topic, messages);
}

int produce_wire(const std::string& bootstrap, const std::string& topic, std::uint64_t messages) {
  return produce(workloads::run_wire_lane, bootstrap, topic, messages);
}

int consume_bare(const std::string& bootstrap, const std::string& topic, std::uint64_t messages) {
  auto properties = with_bootstrap(consuming, bootstrap);
  properties["group.id"] = "bare";
  const auto client = client_of(kafka::ClientType::consumer, properties);
  rd_kafka_poll_set_consumer(client.get());
  const kafka::PartitionListHandle all(rd_kafka_topic_partition_list_new(partitions));
  for (int p = 0; p < partitions; ++p) {
    rd_kafka_topic_partition_list_add(all.get(), topic.c_str(), p)->offset =
        RD_KAFKA_OFFSET_BEGINNING;
  }
  rd_kafka_assign(client.get(), all.get());
  const kafka::QueueHandle queue(rd_kafka_queue_get_consumer(client.get()));
  std::vector<rd_kafka_message_t*> read(batch);
  for (std::uint64_t done = 0; done < messages;) {
    const auto n = rd_kafka_consume_batch_queue(queue.get(), 10, read.data(), read.size());
    for (ssize_t i = 0; i < n; ++i) {
      done += read[static_cast<std::size_t>(i)]->err == RD_KAFKA_RESP_ERR_NO_ERROR ? 1 : 0;
      rd_kafka_message_destroy(read[static_cast<std::size_t>(i)]);
    }
  }
  return 0;
}

int consume_lane(const std::string& bootstrap, const std::string& topic, std::uint64_t messages) {
  LaneRig rig(bootstrap, topic, partitions, consuming);
  // A group of its own, so that no earlier one's offsets count.
  const workloads::ConsumerSettings settings{.group = fmt::format("lane-{}", getpid())};
  std::jthread ender([&](const std::stop_token& stop) {
    while (!stop.stop_requested() && rig.counters.consumed < messages) {
      std::this_thread::sleep_for(milliseconds(1));
    }
    rig.clock.consumers_stop = true;
  });
  const auto report = workloads::run_consumer_lane(settings, rig.context, [&] { rig.start(); }, {});
  for (const auto& note : report.notes) fmt::print(stderr, "{}\n", note);
  return rig.counters.consumed == messages && report.redelivered == 0 ? 0 : 1;
}

// --- What measures them --------------------------------------------------------------------------

struct Plan {
  std::string bootstrap;
  std::string class_path, java;  // of Kafka's own tools
  std::uint64_t messages = 0;
  int rounds = 7;
  std::string json;
};

std::vector<std::string> as_java(const Plan& plan, const std::vector<std::string>& words) {
  std::vector<std::string> command{plan.java, "-cp", plan.class_path};
  command.insert(command.end(), words.begin(), words.end());
  return command;
}

void add_peer_options(std::vector<std::string>& command, const Properties& properties) {
  for (const auto& [name, value] : properties) {
    if (name == "auto.offset.reset") continue;  // given as -o
    command.insert(command.end(), {"-X", name + "=" + value});
  }
}

// Until every leader knows that it is one: a lane that never sends again would be refused.
void wait_for_leaders(const std::string& bootstrap, const std::string& topic) {
  const Instant deadline = now() + seconds(60);
  auto connection = kafka::wire::Connection::open(bootstrap, deadline);
  if (!connection) throw InfrastructureError(connection.error().message);
  for (int p = 0; p < partitions;) {
    check(now() < deadline, "the topic can be written");
    p += connection->offset({topic, p}, kafka::wire::Offset::high_watermark, deadline) ? 1 : 0;
  }
}

// Each round writes to a topic of its own, which goes afterwards: it is kept in memory.
Way producer(const std::string& name, const Plan& plan, const std::string& prefix,
             const std::function<std::vector<std::string>(const std::string& topic)>& command) {
  const auto topic = [prefix](int round) { return prefix + std::to_string(round); };
  const auto soon = [] { return now() + seconds(60); };
  return {.name = name,
          .command = [=](int round) { return command(topic(round)); },
          .before =
              [=, &plan](int round) {
                const kafka::NewTopic fresh{
                    topic(round), partitions, 1, {{"file.delete.delay.ms", "100"}}};
                const auto made = kafka::Admin(plan.bootstrap).create_topics({fresh}, soon());
                if (!made) throw InfrastructureError(made.error().message);
                wait_for_leaders(plan.bootstrap, fresh.name);
              },
          .afterwards =
              [=, &plan](int round) {
                const auto gone =
                    kafka::Admin(plan.bootstrap).delete_topics({topic(round)}, soon());
                if (!gone) throw InfrastructureError(gone.error().message);
              }};
}

std::vector<Way> producers(const Plan& plan) {
  const std::string count = std::to_string(plan.messages);
  std::vector<Way> ways;
  for (const std::string how : {"bare", "lane", "wire"}) {
    ways.push_back(producer("produce " + how, plan, how, [=, &plan](const std::string& topic) {
      return self("peers", {"--produce-" + how, plan.bootstrap, topic, count});
    }));
  }
  if (const auto program = peer("SEATRIAL_PEER_PRODUCER")) {
    const auto command = [=, &plan](const std::string& topic) {
      std::vector<std::string> words{
          *program, "-P",  "-t", topic, "-b", plan.bootstrap, "-s", std::to_string(size),
          "-c",     count, "-a", "1",   "-q"};
      add_peer_options(words, producing);
      return words;
    };
    ways.push_back(producer("rdkafka_performance -P", plan, "perf", command));
  }
  const auto tool = [=, &plan](const std::string& topic) {
    return as_java(
        plan,
        {"org.apache.kafka.tools.ProducerPerformance", "--topic", topic, "--num-records", count,
         "--record-size", std::to_string(size), "--throughput", "-1", "--producer-props",
         "bootstrap.servers=" + plan.bootstrap, "acks=1", "linger.ms=5", "batch.size=1000000"});
  };
  ways.push_back(producer("kafka-producer-perf-test", plan, "java", tool));
  return ways;
}

std::vector<Way> consumers(const Plan& plan, const std::string& topic) {
  const std::string count = std::to_string(plan.messages);
  std::vector<Way> ways;
  for (const std::string how : {"bare", "lane"}) {
    const auto command = self("peers", {"--consume-" + how, plan.bootstrap, topic, count});
    ways.push_back({"consume " + how, [command](int) { return command; }});
  }
  if (const auto program = peer("SEATRIAL_PEER_CONSUMER")) {
    std::vector<std::string> words{*program, "-C",        "-t", topic, "-b", plan.bootstrap,
                                   "-o",     "beginning", "-c", count, "-q"};
    for (int p = 0; p < partitions; ++p) words.insert(words.end(), {"-p", std::to_string(p)});
    add_peer_options(words, consuming);
    ways.push_back({"rdkafka_performance -C", [words](int) { return words; }});
  }
  ways.push_back({"kafka-consumer-perf-test", [=, &plan](int round) {
                    return as_java(
                        plan, {"org.apache.kafka.tools.ConsumerPerformance", "--bootstrap-server",
                               plan.bootstrap, "--topic", topic, "--messages", count, "--timeout",
                               "30000", "--group", "perf-" + std::to_string(round)});
                  }});
  return ways;
}

int compare(Plan plan) {
  const ClusterSpec spec{.brokers = 1, .combined = true};
  test::RealCluster cluster("local", spec, "peers-bench");
  plan.bootstrap = cluster->bootstrap();
  const auto home = clusters::prepare_kafka(spec.version, {});
  if (!home) throw InfrastructureError(home.error().message);
  plan.java = home->java.program;
  plan.class_path = home->class_path;
  auto ways = producers(plan);
  fmt::print("{} messages of {} bytes, {} partitions, acks=1, {} rounds\n", plan.messages, size,
             partitions, plan.rounds);
  measure(ways, plan.messages, plan.rounds);
  const kafka::NewTopic drain{"drain", partitions, 1, {}};
  const auto made = kafka::Admin(plan.bootstrap).create_topics({drain}, now() + seconds(60));
  if (!made) throw InfrastructureError(made.error().message);
  check(produce_lane(plan.bootstrap, drain.name, plan.messages) == 0, "the topic can be filled");
  auto readers = consumers(plan, drain.name);
  measure(readers, plan.messages, plan.rounds);
  ways.insert(ways.end(), readers.begin(), readers.end());
  print(ways, {{"produce lane", "rdkafka_performance -P", 0.95},
               {"produce lane", "kafka-producer-perf-test", 0.30},
               {"produce lane", "produce bare", 60, Target::By::nanoseconds},
               {"produce wire", "rdkafka_performance -P", 0.125},
               {"consume lane", "rdkafka_performance -C", 1.35},
               {"consume lane", "kafka-consumer-perf-test", 0.45}});
  if (!plan.json.empty()) write_json("peers", ways, plan.json);
  return 0;
}

int run(const std::vector<std::string>& words) {
  static const std::map<std::string, int (*)(const std::string&, const std::string&, std::uint64_t)>
      measured{{"--produce-bare", produce_bare},
               {"--produce-lane", produce_lane},
               {"--produce-wire", produce_wire},
               {"--consume-bare", consume_bare},
               {"--consume-lane", consume_lane}};
  if (words.size() == 4 && measured.contains(words[0])) {
    return measured.at(words[0])(words[1], words[2], *parse_unsigned(words[3]));
  }
  Plan plan{.messages = 5'000'000};
  for (std::size_t i = 0; i + 1 < words.size(); i += 2) {
    if (words[i] == "--messages") plan.messages = *parse_unsigned(words[i + 1]);
    if (words[i] == "--rounds") plan.rounds = static_cast<int>(*parse_integer(words[i + 1]));
    if (words[i] == "--json") plan.json = words[i + 1];
  }
  return compare(plan);
}

const MacroRegistration registration({"peers",
                                      "our lanes beside rdkafka_performance and Kafka's own tools",
                                      run});

}  // namespace
}  // namespace seatrial::bench
