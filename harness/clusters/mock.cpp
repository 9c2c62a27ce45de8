// Cluster kind `mock`: librdkafka's mock cluster in our own process. For tests of the harness
// only: it replicates nothing and fails over nowhere, so it says nothing about Kafka.
#include <memory>

#include "core/check.hpp"
#include "core/cluster.hpp"
#include "kafka/mock.hpp"

namespace seatrial::clusters {
namespace {

class MockKind final : public Cluster, private TopicMaker {
 public:
  explicit MockKind(const ClusterSetting& setting) : brokers_(setting.spec.brokers) {}
  [[nodiscard]] std::string kind() const override { return "mock"; }
  void up(std::stop_token) override { mock_ = std::make_unique<kafka::MockCluster>(brokers_); }
  std::vector<std::string> down() noexcept override {
    mock_.reset();
    return {};
  }
  [[nodiscard]] std::string bootstrap() const override {
    check(mock_ != nullptr, "bootstrap() of a mock cluster that is not up");
    return mock_->bootstrap();
  }
  [[nodiscard]] std::vector<Node> nodes() const override {
    if (mock_) return mock_->nodes();
    std::vector<Node> all;
    for (int id = 1; id <= brokers_; ++id) all.push_back({NodeId{id}, NodeRole::broker, ""});
    return all;
  }
  // The mock answers no administration requests.
  [[nodiscard]] TopicMaker* topic_maker() override { return this; }
  void collect_logs(const std::filesystem::path&) override {}  // it logs nothing
  [[nodiscard]] std::map<std::string, std::string> effective_config() const override { return {}; }

 private:
  void create_topic(const std::string& name, int partitions, int replication) override {
    mock_->create_topic(name, partitions, replication);
  }

  int brokers_;
  std::unique_ptr<kafka::MockCluster> mock_;
};

}  // namespace

const ClusterKindRegistration mock_registration{{
    .name = "mock",
    .help = "librdkafka's in-process mock; for tests of the harness, never evidence about Kafka",
    .has_processes = false,
    .evidence_about_kafka = false,
    .make = [](const ClusterSetting& setting) -> std::unique_ptr<Cluster> {
      return std::make_unique<MockKind>(setting);
    },
    .unavailable = [](const ClusterSpec&) -> std::optional<std::string> { return std::nullopt; },
    .sweep = [](const std::filesystem::path&) { return std::vector<std::string>{}; },
}};

}  // namespace seatrial::clusters
