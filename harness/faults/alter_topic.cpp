// alter_topic: changes a topic's properties, or gives it more partitions, while it is in use.
// Properties are healed back to what they were; partitions stay, since Kafka takes none away, and
// hold nothing: the workloads know only those that there were.
#include <map>
#include <thread>

#include "core/check.hpp"
#include "core/units.hpp"
#include "faults/cluster_actions.hpp"
#include "faults/node_actions.hpp"
#include "kafka/admin.hpp"

namespace seatrial::faults {
namespace {

using Values = std::map<std::string, std::string>;

class AlterTopic final : public OnCluster {
 public:
  AlterTopic(std::string topic, Values config, int partitions, milliseconds patience)
      : topic_(std::move(topic)),
        config_(std::move(config)),
        partitions_(partitions),
        patience_(patience) {}

  [[nodiscard]] Needs needs() const override { return {.topic = topic_}; }

  void inject(Cluster& cluster, const std::vector<NodeId>&, Evidence& evidence) override {
    if (config_.empty() && partitions_ == 0)
      throw FaultIneffective("neither config nor partitions are given: nothing would change");
    if (!config_.empty()) configure(cluster, evidence);
    if (partitions_ > 0) grow(cluster, evidence);
  }

  std::vector<std::string> heal(Cluster& cluster, Evidence& evidence) noexcept override {
    if (before_.empty()) return {};
    try {
      put(cluster, before_);
      evidence.facts.push_back("healed, " + text_of(await_values(cluster, before_, evidence.stop)));
      return {};
    } catch (const std::exception& error) {
      return {error.what()};
    }
  }

 private:
  void configure(Cluster& cluster, Evidence& evidence) {
    const Values all = values(cluster);
    Values before;
    for (const auto& [name, value] : config_) {
      const auto at = all.find(name);
      if (at == all.end()) throw FaultIneffective("the topic has no property " + name);
      if (at->second != value) before[name] = at->second;
    }
    if (before.empty()) throw FaultIneffective("the topic is configured so already");
    evidence.facts.push_back("before, " + text_of(before));
    before_ = before;
    note_promises(evidence);
    put(cluster, config_);
    evidence.facts.push_back("after, " + text_of(await_values(cluster, config_, evidence.stop)));
  }

  // What is promised no more while it lasts.
  void note_promises(Evidence& evidence) const {
    if (const auto unclean = config_.find("unclean.leader.election.enable");
        unclean != config_.end() && unclean->second == "true")
      evidence.unclean_elections.push_back(topic_);
    if (const auto least = config_.find("min.insync.replicas"); least != config_.end()) {
      if (const auto count = parse_integer(least->second))
        evidence.min_insync_replicas[topic_] = static_cast<int>(*count);
    }
  }

  void grow(Cluster& cluster, Evidence& evidence) const {
    kafka::Reshape reshape(cluster.nodes());
    const Instant deadline = now() + patience_;
    demand(reshape.grow(topic_, partitions_, deadline));
    const TopicPartition last{topic_, partitions_ - 1};
    while (true) {
      const auto told = reshape.partition(last, deadline);
      if (told && told->leader.value >= 0) {
        evidence.facts.push_back("grown, " + partition_text(*told));
        return;
      }
      if (now() >= deadline || evidence.stop.stop_requested())
        throw FaultIneffective("no broker leads " + to_string(last));
      std::this_thread::sleep_for(milliseconds(20));
    }
  }

  Values values(Cluster& cluster) const {
    kafka::Admin admin(bootstrap_of(cluster));
    auto told = admin.describe_topic_config(topic_, now() + patience_);
    if (!told) throw FaultIneffective(told.error().message);
    return std::move(*told);
  }

  void put(Cluster& cluster, const Values& wanted) const {
    kafka::wire::ConfigChanges changes;
    for (const auto& [name, value] : wanted) changes[name] = value;
    demand(kafka::Reshape(cluster.nodes())
               .configure(kafka::wire::Configured::topic, topic_, changes, now() + patience_));
  }

  // As the brokers tell them, once they are as wanted.
  Values await_values(Cluster& cluster, const Values& wanted, const std::stop_token& stop) const {
    const Instant deadline = now() + patience_;
    while (true) {
      const Values all = values(cluster);
      Values seen;
      for (const auto& [name, value] : wanted) {
        const auto at = all.find(name);
        seen[name] = at == all.end() ? "" : at->second;
      }
      if (seen == wanted) return seen;
      if (now() >= deadline || stop.stop_requested())
        throw FaultIneffective("the topic is not configured as asked, but " + text_of(seen));
      std::this_thread::sleep_for(milliseconds(50));
    }
  }

  std::string text_of(const Values& values) const {
    std::string out = topic_ + ":";
    for (const auto& [name, value] : values) out += " " + name + "=" + value;
    return out;
  }

  std::string topic_;
  Values config_;
  int partitions_;
  milliseconds patience_;
  Values before_;  // of what it changed; empty: nothing
};

// Checkers judge what is deleted when by one value for the whole trial.
std::string judged_as_a_whole(std::string_view entry) {
  const auto name = entry.substr(0, entry.find('='));
  const bool deletes = name.starts_with("retention.") || name.starts_with("segment.") ||
                       name == "cleanup.policy" || name == "delete.retention.ms";
  return deletes ? "decides what is deleted when, which is judged by one value for a trial" : "";
}

std::string more_partitions(std::string_view value) {
  const auto count = parse_integer(value);
  return count && *count >= 2 && *count <= 10'000 ? "" : "must be between 2 and 10000";
}

const Registration<Fault> registration{{
    .name = "alter_topic",
    .help =
        "change a topic's properties or give it more partitions; heal brings the properties back",
    .options = {{.name = "topic", .help = "which", .required = true},
                {.name = "config",
                 .type = OptionType::properties,
                 .help = "topic properties by Kafka's names, and the values they shall have",
                 .validate = judged_as_a_whole},
                {.name = "partitions",
                 .type = OptionType::integer,
                 .help = "how many it shall have; they are not taken away again",
                 .validate = more_partitions},
                patience_option("how long to wait until the brokers tell of it")},
    .make = [](const Options& options) -> std::unique_ptr<Fault> {
      if (!options.has("partitions") &&
          (!options.has("config") || options.properties("config").empty()))
        throw UsageError(
            "says neither which properties nor how many partitions; give config or partitions");
      return std::make_unique<AlterTopic>(
          options.text("topic"), options.has("config") ? options.properties("config") : Values{},
          options.has("partitions") ? static_cast<int>(options.integer("partitions")) : 0,
          patience_of(options));
    },
}};

}  // namespace
}  // namespace seatrial::faults
