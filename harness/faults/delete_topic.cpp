// delete_topic: a topic is deleted with all that it holds, while it is in use. What is lost by that
// breaks no promise of the brokers. Healed by making it anew, as empty as it was at first: with as
// many partitions and replicas, and with the properties that were set on it. With `recreate: false`
// it stays away, and what becomes of its messages cannot be audited.
#include <algorithm>
#include <optional>

#include "core/counted.hpp"
#include "core/units.hpp"
#include "faults/cluster_actions.hpp"
#include "faults/node_actions.hpp"
#include "kafka/admin.hpp"

namespace seatrial::faults {
namespace {

class DeleteTopic final : public OnCluster {
 public:
  DeleteTopic(std::string topic, bool recreate, milliseconds patience)
      : topic_(std::move(topic)), recreate_(recreate), patience_(patience) {}

  [[nodiscard]] Needs needs() const override { return {.topic = topic_}; }

  void inject(Cluster& cluster, const std::vector<NodeId>&, Evidence& evidence) override {
    kafka::Reshape reshape(cluster.nodes());
    kafka::Admin admin(bootstrap_of(cluster));
    const kafka::NewTopic found = as_it_is(reshape, admin);
    evidence.facts.push_back("before, " + text_of(found));
    evidence.deleted_topics.push_back(topic_);  // also if it is seen late
    gone_ = found;
    const Instant asked = now();
    if (const auto taken = admin.delete_topics({topic_}, now() + patience_); !taken)
      throw FaultIneffective(taken.error().message);
    await_gone(reshape, evidence.stop);
    evidence.facts.push_back("no broker tells of " + topic_ + " any more, after " +
                             std::to_string((now() - asked) / milliseconds(1)) + " ms");
  }

  std::vector<std::string> heal(Cluster& cluster, Evidence& evidence) noexcept override {
    if (!gone_ || !recreate_) return {};
    try {
      kafka::Reshape reshape(cluster.nodes());
      kafka::Admin admin(bootstrap_of(cluster));
      // It may be there already, after a deletion that nobody saw, or a heal that did not see it.
      const auto made = admin.create_topics({*gone_}, now() + patience_, evidence.stop);
      if (!await_led(reshape, evidence.stop))
        return {topic_ + " was not made anew: " +
                (made ? "not every partition has a leader" : made.error().message)};
      evidence.facts.push_back("made anew, " + text_of(*gone_));
      gone_.reset();
      return {};
    } catch (const std::exception& error) {
      return {error.what()};
    }
  }

 private:
  kafka::NewTopic as_it_is(kafka::Reshape& reshape, kafka::Admin& admin) const {
    const auto partitions = reshape.partitions(topic_, now() + patience_);
    if (!partitions) throw FaultIneffective(partitions.error().message);
    auto config = admin.properties_set_on(topic_, now() + patience_);
    if (!config) throw FaultIneffective(config.error().message);
    return {.name = topic_,
            .partitions = static_cast<int>(partitions->size()),
            .replication = static_cast<int>(partitions->front().replicas.size()),
            .config = std::move(*config)};
  }

  void await_gone(kafka::Reshape& reshape, const std::stop_token& stop) const {
    const Instant deadline = now() + patience_;
    std::string trouble;
    const auto gone = [&] {
      const auto known = reshape.is_known(topic_, deadline);
      trouble = known ? "brokers still tell of " + topic_ : known.error().message;
      return known && !*known;
    };
    if (!await_that(gone, {.budget = patience_, .every = between_questions}, stop))
      throw FaultIneffective(trouble);
  }

  bool await_led(kafka::Reshape& reshape, const std::stop_token& stop) const {
    const Instant deadline = now() + patience_;
    const auto is_led = [](const kafka::PartitionState& one) { return one.leader.value >= 0; };
    const auto led = [&] {
      const auto told = reshape.partitions(topic_, deadline);
      return told && static_cast<int>(told->size()) == gone_->partitions &&
             std::ranges::all_of(*told, is_led);
    };
    return await_that(led, {.budget = patience_, .every = between_questions}, stop);
  }

  static std::string text_of(const kafka::NewTopic& topic) {
    std::string out = topic.name + ": " +
                      counted(static_cast<std::uint64_t>(topic.partitions), "partition") + ", " +
                      counted(static_cast<std::uint64_t>(topic.replication), "replica") + " each";
    for (const auto& [name, value] : topic.config) out += ", " + name + "=" + value;
    return out;
  }

  std::string topic_;
  bool recreate_;
  milliseconds patience_;
  std::optional<kafka::NewTopic> gone_;  // until it is made anew; none: nothing was asked
};

const Registration<Fault> registration{{
    .name = "delete_topic",
    .help = "delete a topic with all that it holds; heal makes it anew, empty",
    .options = {{.name = "topic", .help = "which", .required = true},
                {.name = "recreate",
                 .type = OptionType::boolean,
                 .fallback = "true",
                 .help = "whether heal makes it anew, with its partitions and properties"},
                patience_option("how long to wait until all brokers tell the same of it")},
    .make = [](const Options& options) -> std::unique_ptr<Fault> {
      return std::make_unique<DeleteTopic>(options.text("topic"), options.boolean("recreate"),
                                           patience_of(options));
    },
}};

}  // namespace
}  // namespace seatrial::faults
