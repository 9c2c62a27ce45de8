// librdkafka's in-process mock cluster: real sockets and protocol, no replication, no failover. For
// tests of the harness; nothing measured against it is evidence about Kafka.
#pragma once

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <string>
#include <vector>

#include "core/cluster.hpp"
#include "kafka/handle.hpp"

namespace seatrial::kafka {

class MockCluster {
 public:
  // Brokers get the ids 1 to `brokers` and ports of 127.0.0.1. Throws InfrastructureError.
  explicit MockCluster(int brokers);

  [[nodiscard]] const std::string& bootstrap() const { return bootstrap_; }
  [[nodiscard]] std::vector<Node> nodes() const;

  // Throws InfrastructureError, also if the topic exists.
  void create_topic(const std::string& topic, int partitions, int replication);
  // The next requests of the kind get these errors, one each, in order, and are not carried out.
  void push_errors(int api_key, const std::vector<rd_kafka_resp_err_t>& errors);
  // As an older or newer broker: of this request only versions `least` to `most`.
  void set_versions(int api_key, int least, int most);
  void set_leader(const std::string& topic, int partition, NodeId leader);
  void set_down(NodeId broker);
  void set_up(NodeId broker);
  void set_round_trip(NodeId broker, milliseconds delay);  // before each of its answers

 private:
  ClientHandle client_;  // the mock runs in its main thread
  std::unique_ptr<rd_kafka_mock_cluster_t, Call<rd_kafka_mock_cluster_destroy>> cluster_;
  std::string bootstrap_;
};

}  // namespace seatrial::kafka
