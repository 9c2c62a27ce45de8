// The mock cluster's life and its scripted faults.
#include "kafka/mock.hpp"

#include "core/check.hpp"
#include "kafka/config.hpp"

namespace seatrial::kafka {
namespace {

void expect_ok(rd_kafka_resp_err_t error, const std::string& what) {
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    throw InfrastructureError("mock cluster: " + what + ": " + rd_kafka_err2str(error));
  }
}

}  // namespace

MockCluster::MockCluster(int brokers) {
  auto conf = make_conf({{"client.id", "mock"}});
  check(conf.has_value(), "the mock's settings are valid");
  rd_kafka_conf_set_log_cb(conf->get(), nullptr);
  auto client = make_client(ClientType::producer, std::move(*conf));
  if (!client) throw InfrastructureError("mock cluster: " + client.error().message);
  client_ = std::move(*client);
  cluster_.reset(rd_kafka_mock_cluster_new(client_.get(), brokers));
  if (!cluster_) throw InfrastructureError("mock cluster: could not be started");
  bootstrap_ = rd_kafka_mock_cluster_bootstraps(cluster_.get());
}

std::vector<Node> MockCluster::nodes() const {
  std::vector<Node> out;
  std::size_t begin = 0;
  while (begin < bootstrap_.size()) {
    const auto end = std::min(bootstrap_.find(',', begin), bootstrap_.size());
    const auto id = static_cast<std::int32_t>(out.size()) + 1;
    out.push_back({NodeId(id), NodeRole::combined, bootstrap_.substr(begin, end - begin)});
    begin = end + 1;
  }
  return out;
}

void MockCluster::create_topic(const std::string& topic, int partitions, int replication) {
  expect_ok(rd_kafka_mock_topic_create(cluster_.get(), topic.c_str(), partitions, replication),
            "creating topic '" + topic + "'");
}

void MockCluster::push_errors(int api_key, const std::vector<rd_kafka_resp_err_t>& errors) {
  rd_kafka_mock_push_request_errors_array(cluster_.get(), static_cast<std::int16_t>(api_key),
                                          errors.size(), errors.data());
}

void MockCluster::set_versions(int api_key, int least, int most) {
  expect_ok(rd_kafka_mock_set_apiversion(cluster_.get(), static_cast<std::int16_t>(api_key),
                                         static_cast<std::int16_t>(least),
                                         static_cast<std::int16_t>(most)),
            "setting the versions of a request");
}

void MockCluster::set_leader(const std::string& topic, int partition, NodeId leader) {
  expect_ok(rd_kafka_mock_partition_set_leader(cluster_.get(), topic.c_str(), partition,
                                               leader.value),
            "setting a leader");
}

void MockCluster::set_down(NodeId broker) {
  expect_ok(rd_kafka_mock_broker_set_down(cluster_.get(), broker.value), "taking a broker down");
}

void MockCluster::set_up(NodeId broker) {
  expect_ok(rd_kafka_mock_broker_set_up(cluster_.get(), broker.value), "bringing a broker up");
}

void MockCluster::set_round_trip(NodeId broker, milliseconds delay) {
  expect_ok(rd_kafka_mock_broker_set_rtt(cluster_.get(), broker.value,
                                         static_cast<int>(delay.count())),
            "delaying a broker");
}

}  // namespace seatrial::kafka
