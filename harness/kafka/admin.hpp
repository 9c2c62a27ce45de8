// Administration over librdkafka: topics and configurations. Every call ends by its deadline.
//
// Creating a topic returns when the controller has it; brokers and clients learn of it a moment
// later, which the cluster watch sees. Not for the mock cluster, which answers no administration
// requests.
#pragma once

#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "core/ids.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "kafka/access.hpp"
#include "kafka/handle.hpp"

namespace seatrial::kafka {

struct NewTopic {
  std::string name;
  int partitions = 1;
  int replication = 1;
  std::map<std::string, std::string> config;
};

struct Done {
  friend bool operator==(Done, Done) = default;
};

class Admin {
 public:
  // Throws InfrastructureError if no client can be made.
  explicit Admin(Access access);

  // All of them; the error names the topic that failed. Those before it may exist. `refused`, if
  // given, is set to the topic whose settings the brokers do not take: asking again is in vain.
  // Here and below a stop ends the wait with an Error.
  Result<Done> create_topics(const std::vector<NewTopic>& topics, Instant deadline,
                             const std::stop_token& stop = {}, std::string* refused = nullptr);
  Result<Done> delete_topics(const std::vector<std::string>& topics, Instant deadline);
  // What is left of them: of each group that is not gone then, why. One that has members still is
  // asked again until the deadline.
  std::map<std::string, std::string> delete_groups(const std::vector<std::string>& groups,
                                                   Instant deadline);
  // Property -> value in force, whether set on the topic, the broker or nowhere. Secrets are empty.
  // Asked anew for as long as there is time: by a fresh client where nobody answers, and for 5 s
  // where the broker that was asked knows no such topic yet.
  Result<std::map<std::string, std::string>> describe_topic_config(
      const std::string& topic, Instant deadline, const std::stop_token& stop = {});
  // Those alone that are set on the topic itself.
  Result<std::map<std::string, std::string>> properties_set_on(const std::string& topic,
                                                               Instant deadline);
  Result<std::map<std::string, std::string>> describe_broker_config(NodeId broker,
                                                                    Instant deadline);

 private:
  [[nodiscard]] ClientHandle connect() const;

  Access access_;
  ClientHandle client_;
};

}  // namespace seatrial::kafka
