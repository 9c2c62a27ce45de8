// Faults of the network and of requests on real brokers behind the proxy, in one cluster: what
// passes is counted, nothing goes around, and each fault does to Kafka what it says.
#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "core/network.hpp"
#include "kafka/config.hpp"
#include "kafka/handle.hpp"
#include "support/fault_rounds.hpp"

namespace seatrial::run {
namespace {

// A client that produces small messages to each partition all the time, acks=all.
class SteadyClient {
 public:
  explicit SteadyClient(const std::string& bootstrap) {
    auto conf = kafka::make_conf({{"bootstrap.servers", bootstrap},
                                  {"client.id", "steady"},
                                  {"acks", "all"},
                                  {"linger.ms", "0"},
                                  {"socket.timeout.ms", "3000"}});
    REQUIRE(conf);
    rd_kafka_conf_set_log_cb(conf->get(), nullptr);
    rd_kafka_conf_set_opaque(conf->get(), this);
    rd_kafka_conf_set_dr_msg_cb(conf->get(),
                                [](rd_kafka_t*, const rd_kafka_message_t* message, void* self) {
                                  if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR)
                                    ++static_cast<SteadyClient*>(self)->acked;
                                });
    auto made = kafka::make_client(kafka::ClientType::producer, std::move(*conf));
    REQUIRE(made);
    client_ = std::move(*made);
    running_ = std::jthread([this](const std::stop_token& stop) { produce(stop); });
  }
  [[nodiscard]] bool goes_on() const {
    const int before = acked;
    const Instant deadline = now() + seconds(30);
    while (acked < before + 20 && now() < deadline) std::this_thread::sleep_for(milliseconds(5));
    return acked >= before + 20;
  }
  std::atomic<int> acked = 0;

 private:
  void produce(const std::stop_token& stop) {
    const std::string value(100, 'x');
    for (int i = 0; !stop.stop_requested(); ++i) {
      rd_kafka_producev(client_.get(), RD_KAFKA_V_TOPIC("orders"), RD_KAFKA_V_PARTITION(i % 3),
                        RD_KAFKA_V_VALUE(const_cast<char*>(value.data()), value.size()),
                        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
      rd_kafka_poll(client_.get(), 2);
    }
  }
  kafka::ClientHandle client_;
  std::jthread running_;  // last: it uses all of the above
};

scenario::FaultPlan plan_with(const std::string& action, const std::string& target,
                              const std::map<std::string, RawOption>& options,
                              nanoseconds heal_after) {
  scenario::FaultPlan plan = plan_of("kill", target, {});
  plan.action = action;
  std::vector<OptionProblem> problems;
  plan.options =
      Options::check(Registry<Fault>::instance().find(action)->options, options, problems);
  for (const auto& problem : problems) FAIL(problem.message);
  plan.heal_after = heal_after;
  return plan;
}

RawOption is(const std::string& text) { return {.text = text, .entries = {}, .is_map = false}; }

// What the first partition's replicas in sync were, when the fault was about to be healed.
std::size_t in_sync_when_held(const FaultOutcome& outcome) {
  for (const auto& partition : outcome.held.partitions) {
    if (partition.where == TopicPartition{"orders", 0}) return partition.isr.size();
  }
  return 0;
}

struct Behind {
  Cluster& cluster;
  kafka::ClusterWatch& watch;
  record::Journal& journal;

  std::size_t play(const scenario::FaultPlan& plan) {
    const std::vector<scenario::FaultPlan> plans{plan};
    Timeline timeline(plans, {.cluster = cluster,
                              .watch = watch,
                              .journal = journal,
                              .trial = 0,
                              .measure_start = now(),
                              .acked_since_measure = [] { return 0U; }});
    const Instant deadline = now() + seconds(60);
    while (timeline.over() < 1 && now() < deadline) std::this_thread::sleep_for(milliseconds(5));
    timeline.finish();
    INFO(plan.action << " " << to_string(plan.target));
    for (const auto& problem : timeline.problems()) FAIL_CHECK(problem);
    const FaultOutcome& outcome = timeline.outcomes().front();
    CHECK(outcome.status == "effective");
    for (const auto& counted : outcome.evidence.counted) {
      INFO(counted.kind);
      CHECK(counted.value > 0);
    }
    CHECK(outcome.evidence.counted.size() >= 2);
    CHECK(whole(watch));
    return in_sync_when_held(outcome);
  }
};

void all_went_through(const Network& network) {
  for (const auto& connection : network.bypassing()) FAIL_CHECK(connection);
  for (const auto& link : network.counters()) {
    INFO(link.listener << " of " << link.node.value);
    CHECK(link.connections > 0);
    CHECK(link.bytes_in > 0);
    CHECK(link.bytes_out > 0);
    CHECK(link.unmatched == 0);
    CHECK_FALSE(link.apis.empty());
  }
}

TEST_CASE("faults of network and requests take effect behind the proxy, and are healed") {
  ClusterSpec spec;
  spec.gear = {Gear::proxy};
  test::RealCluster cluster("local", spec, "proxy");
  kafka::ClusterWatch watch(cluster->nodes(), {"orders"});
  kafka::Admin admin(cluster->bootstrap());
  REQUIRE(admin.create_topics({{"orders", 3, 3, {}}}, now() + seconds(60)));
  REQUIRE(whole(watch));
  record::Journal journal(cluster.folder());
  const SteadyClient client(cluster->bootstrap());
  REQUIRE(client.goes_on());
  REQUIRE(cluster->network() != nullptr);
  Behind behind{*cluster, watch, journal};
  const auto soon = milliseconds(300);
  CHECK(behind.play(plan_with("cut", "leader(orders/0) -> follower(orders/0)", {},
                              milliseconds(4500))) == 2);
  CHECK(client.goes_on());
  behind.play(plan_with("delay", "clients <-> leader(orders/0)", {{"by", is("20ms")}}, soon));
  behind.play(plan_with("drop_requests", "leader(orders/0)",
                        {{"topic", is("orders/0")}, {"client", is("steady")}, {"nth", is("50")}},
                        soon));
  behind.play(plan_with("answer_error", "leader(orders/0)",
                        {{"error", is("19")}, {"client", is("steady")}, {"nth", is("2")}}, soon));
  behind.play(plan_with("duplicate_requests", "leader(orders/0)", {{"api", is("Produce")}}, soon));
  behind.play(plan_with("reset", "clients -> leader(orders/0)", {}, milliseconds(1)));
  behind.play(plan_with("reorder_requests", "leader(orders/0)",
                        {{"topic", is("orders")}, {"nth", is("10")}}, soon));
  behind.play(plan_with("hold_requests", "followers(orders/0) -> leader(orders/0)",
                        {{"topic", is("orders/0")}, {"by", is("50ms")}}, soon));
  CHECK(client.goes_on());
  all_went_through(*cluster->network());
}

}  // namespace
}  // namespace seatrial::run
