// The `consumer` workload: members of a consumer group that read a topic as applications do. This
// file holds its options; the lane's loop is consumer_lane's.
#include <array>

#include "client/workload.hpp"
#include "core/registry.hpp"
#include "workloads/client_options.hpp"
#include "workloads/consumer_lane.hpp"

namespace seatrial::workloads {
namespace {

constexpr std::array own_properties = {
    OwnProperty{"bootstrap.servers", "the harness gives the cluster's address"},
    OwnProperty{"group.id", "use the option `group`"},
    OwnProperty{"enable.auto.commit", "use the option `commit`"},
    OwnProperty{"enable.auto.offset.store", "use the option `commit`"},
    OwnProperty{"enable.partition.eof", "the lane has to know when it reached an end"},
    OwnProperty{"offset_commit_cb", "the ledger reads the commits"},
    OwnProperty{"rebalance_cb", "it is the lane's"},
    OwnProperty{"consume_cb", "the lane polls"},
    OwnProperty{"enabled_events", "the lane reads the client's events by callbacks"},
    OwnProperty{"interceptors", "the harness takes no others' code"},
    OwnProperty{"opaque", "it is the lane's"},
};

Commit commit_of(std::string_view name) {
  if (name == "sync") return Commit::sync;
  return name == "auto" ? Commit::automatic : Commit::after;
}

class Consumer final : public Workload {
 public:
  explicit Consumer(const Options& options)
      : lanes_(static_cast<int>(options.integer("lanes"))),
        properties_(options.properties("properties")),
        settings_{.group = options.has("group") ? options.text("group") : "",
                  .commit = commit_of(options.text("commit")),
                  .handler = options.duration("handler")} {}

  [[nodiscard]] Traits traits() const override { return {.lanes = lanes_}; }
  [[nodiscard]] kafka::Properties client_properties() const override {
    require_own_instance(properties_, lanes_);
    const std::string group = settings_.group.empty() ? "derived" : settings_.group;
    return effective_or_throw(kafka::ClientType::consumer,
                              reading_properties(group, settings_.commit, properties_));
  }
  LaneReport run(LaneContext& lane, const std::function<void()>& ready,
                 std::stop_token stop) const override {
    auto settings = settings_;
    if (settings.group.empty()) settings.group = lane.workload;
    return run_consumer_lane(settings, lane, ready, stop);
  }

 private:
  int lanes_;
  kafka::Properties properties_;
  ConsumerSettings settings_;
};

const Registration<Workload> registration{{
    .name = "consumer",
    .help = "reads a topic as a member of a consumer group and commits what it read",
    .options =
        {
            read_topic_option(),
            group_option(),
            {.name = "lanes",
             .type = OptionType::integer,
             .fallback = "1",
             .help = "members of the group, each a thread with a client of its own",
             .choices = {},
             .validate = validate_lanes},
            {.name = "commit",
             .type = OptionType::choice,
             .fallback = "auto",
             .help = "auto: the library's own; after: stored once processed, committed in the "
                     "background; sync: each batch once processed",
             .choices = {"auto", "after", "sync"}},
            handler_option(),
            {.name = "properties",
             .type = OptionType::properties,
             .fallback = {},
             .help = "librdkafka's, by their own names; auto.offset.reset is earliest unless given",
             .choices = {},
             .validate =
                 [](std::string_view entry) {
                   return validate_property(kafka::ClientType::consumer, entry, own_properties);
                 }},
        },
    .make = [](const Options& options) -> std::unique_ptr<Workload> {
      return std::make_unique<Consumer>(options);
    },
}};

}  // namespace
}  // namespace seatrial::workloads
