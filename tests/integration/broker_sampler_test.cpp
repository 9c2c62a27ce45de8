// Real brokers sampled second by second: what /proc and their JVMs tell, that a broker that hangs
// holds up no other, and that one that was started again is found again.
#include "run/broker_sampler.hpp"

#include <fstream>
#include <functional>
#include <thread>

#include "clusters/jars.hpp"
#include "kafka/admin.hpp"
#include "kafka/config.hpp"
#include "support/catch.hpp"
#include "support/real_cluster.hpp"

namespace seatrial::run {
namespace {

using nlohmann::json;

// Produces until destroyed, whatever becomes of it.
class Load {
 public:
  explicit Load(const std::string& bootstrap)
      : thread_([bootstrap](const std::stop_token& stop) {
          auto conf = kafka::make_conf({{"bootstrap.servers", bootstrap}, {"acks", "1"}});
          rd_kafka_conf_set_log_cb(conf->get(), nullptr);
          const auto client = kafka::make_client(kafka::ClientType::producer, std::move(*conf));
          const kafka::TopicHandle topic(rd_kafka_topic_new(client->get(), "orders", nullptr));
          const std::string value(1000, 'x');
          while (!stop.stop_requested()) {
            rd_kafka_produce(topic.get(), RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY,
                             const_cast<char*>(value.data()), value.size(), nullptr, 0, nullptr);
            rd_kafka_poll(client->get(), 5);
          }
          rd_kafka_purge(client->get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
        }) {}

 private:
  std::jthread thread_;
};

class Watched {
 public:
  explicit Watched(BrokerSampler& sampler) : sampler_(sampler) {}

  // The first new point of the node that is as wanted; null if none comes for a long time.
  json await(int node, const std::function<bool(const json&)>& wanted) {
    const Instant until = now() + seconds(90);
    while (now() < until) {
      for (auto& point : sampler_.drain()) {
        if (point["node"] == node && wanted(point)) return point;
      }
      std::this_thread::sleep_for(milliseconds(100));
    }
    return {};
  }

 private:
  BrokerSampler& sampler_;
};

bool asked(const json& point) { return point.contains("flushes"); }

TEST_CASE("brokers tell what they use and where requests spend their time") {
  test::RealCluster cluster("local", {.brokers = 2, .combined = true}, "broker-sampler");
  const auto created =
      kafka::Admin(cluster->bootstrap()).create_topics({{"orders", 2, 1, {}}}, now() + seconds(60));
  if (!created) FAIL(created.error().message);
  const auto agent = clusters::prepare_metrics_agent({});
  if (!agent) FAIL(agent.error().message);
  const Load load(cluster->bootstrap());
  const Instant origin = now();
  BrokerSampler sampler(*cluster, origin, *agent);
  sampler.begin_measure(origin, origin + seconds(600));
  Watched watched(sampler);

  const auto has_produce = [](const json& p) {
    return p.contains("requests") && p["requests"].contains("produce");
  };
  for (const int node : {1, 2}) {
    const json point = watched.await(node, has_produce);
    INFO("node " << node << ": " << point.dump());
    REQUIRE(!point.is_null());
    CHECK(point["rss_bytes"] > 50'000'000);
    CHECK(point["net_in_bytes"] > 0);
    const json& times = point["requests"]["produce"];
    CHECK(times["count"] > 0);
    CHECK(times["total_ns"] >= times["local_ns"]);
    CHECK(times["local_ns"] > 0);
  }

  Processes& processes = *cluster->processes();
  processes.signal(NodeId(2), Signal::pause);
  CHECK(!watched.await(2, [](const json& p) { return !asked(p) && p["cpu"] == 0.0; }).is_null());
  CHECK(!watched.await(1, asked).is_null());
  CHECK(!watched.await(1, asked).is_null());
  processes.signal(NodeId(2), Signal::resume);
  CHECK(!watched.await(2, asked).is_null());

  processes.signal(NodeId(2), Signal::kill);
  while (processes.state(NodeId(2)).kind != ProcessState::Kind::exited)
    std::this_thread::sleep_for(milliseconds(20));
  processes.start(NodeId(2));
  CHECK(!watched.await(2, asked).is_null());
  sampler.stop();
  for (const auto& row : sampler.summary()) {
    CHECK(row["role"] == "combined");
    // The other's process is young, and may lead nothing yet.
    if (row["node"] == 1) CHECK(row["requests"]["produce"]["total"]["mean_ns"] > 0);
  }

  std::ifstream log(cluster.folder() / "broker-1.log");
  CHECK(read_gc_pauses(log));
}

}  // namespace
}  // namespace seatrial::run
