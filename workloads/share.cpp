// The `share` workload: members of a share group (KIP-932), each a process of its own, so that a
// fault can kill one or make it stand still. Needs a client library that has such consumers. This
// file holds its options; the member's loop is share_lane's.
#include <array>

#include "client/workload.hpp"
#include "core/check.hpp"
#include "core/registry.hpp"
#include "core/units.hpp"
#include "kafka/share_consumer.hpp"
#include "workloads/client_options.hpp"
#include "workloads/share_lane.hpp"

namespace seatrial::workloads {
namespace {

constexpr std::array own_properties = {
    OwnProperty{"bootstrap.servers", "the harness gives the cluster's address"},
    OwnProperty{"group.id", "use the option `group`"},
    OwnProperty{"share.acknowledgement.mode", "use the option `acknowledge`"},
    OwnProperty{"max.poll.records", "use the option `batch`"},
    OwnProperty{"auto.offset.reset", "a share group's is its own, and the harness sets it"},
    OwnProperty{"isolation.level", "a share group's is its own"},
    OwnProperty{"enabled_events", "the member reads the client's events by callbacks"},
    OwnProperty{"interceptors", "the harness takes no others' code"},
    OwnProperty{"opaque", "it is the member's"},
};

std::string validate_lock(std::string_view value) {
  const auto span = parse_duration(value);
  return span && *span >= seconds(1) && *span <= seconds(60) ? "" : "lies between 1s and 60s";
}

std::string validate_session(std::string_view value) {
  const auto span = parse_duration(value);
  return span && *span >= seconds(3) && *span <= seconds(60) ? "" : "lies between 3s and 60s";
}

class Share final : public Workload {
 public:
  explicit Share(const Options& options)
      : members_(static_cast<int>(options.integer("members"))),
        properties_(options.properties("properties")),
        settings_{.group = options.has("group") ? options.text("group") : "",
                  .explicitly = options.text("acknowledge") == "explicit",
                  .handler = options.duration("handler"),
                  .batch = static_cast<int>(options.integer("batch")),
                  .lock = options.duration("lock"),
                  .session = options.duration("session")} {}

  [[nodiscard]] Traits traits() const override {
    // What a dead member had been given comes back by then, whichever way the brokers learn of it.
    const nanoseconds back =
        std::max(settings_.lock, settings_.session) + settings_.handler + seconds(2);
    return {.lanes = members_, .has_members = true, .shares = true, .quiet_time = back};
  }
  // A library without share consumers is refused before anything starts.
  [[nodiscard]] kafka::Properties client_properties() const override {
    if (const auto missing = kafka::share_consumers_missing()) {
      throw UsageError(missing->message + ": " + missing->hint);
    }
    const auto protocol = properties_.find("security.protocol");
    if (protocol != properties_.end() && protocol->second != "plaintext") {
      throw UsageError("security.protocol: the group is configured by plaintext only");
    }
    auto settings = settings_;
    if (settings.group.empty()) settings.group = "derived";
    const auto properties = share_properties(settings, properties_);
    auto effective = effective_or_throw(kafka::ClientType::consumer, properties);
    refuse_contradictions(properties);
    return effective;
  }
  LaneReport run(LaneContext& lane, const std::function<void()>& ready,
                 std::stop_token stop) const override {
    auto settings = settings_;
    if (settings.group.empty()) settings.group = lane.workload;
    return run_share_lane(settings, lane, ready, stop);
  }

 private:
  // Share consumers refuse many properties of plain ones; the library knows which.
  static void refuse_contradictions(const kafka::Properties& properties) {
    auto conf = kafka::make_conf(properties);
    if (!conf) throw UsageError("properties: " + conf.error().message);
    rd_kafka_conf_set_log_cb(conf->get(), nullptr);  // it would complain of having no brokers
    const auto consumer = kafka::ShareConsumer::make(std::move(*conf));
    if (!consumer) throw UsageError("properties: " + consumer.error().message);
  }

  int members_;
  kafka::Properties properties_;
  ShareSettings settings_;
};

const Registration<Workload> registration{{
    .name = "share",
    .help = "a share group (KIP-932), from the log's start; its members are processes: targets "
            "member(1), ...",
    .options =
        {
            read_topic_option(),
            group_option(),
            members_option(),
            {.name = "acknowledge",
             .type = OptionType::choice,
             .fallback = "implicit",
             .help = "implicit: a batch counts as done when the next is polled; explicit: each "
                     "message is accepted once processed, and sent with the next poll",
             .choices = {"implicit", "explicit"}},
            handler_option(),
            {.name = "batch",
             .type = OptionType::integer,
             .fallback = "100",
             .help = "messages polled at most, about, before they are processed one by one",
             .choices = {},
             .validate = validate_batch},
            {.name = "lock",
             .type = OptionType::duration,
             .fallback = "2s",
             .help = "the group's share.record.lock.duration.ms: what is not acknowledged by then "
                     "is handed to others, so a batch should take less",
             .choices = {},
             .validate = validate_lock},
            {.name = "session",
             .type = OptionType::duration,
             .fallback = "6s",
             .help = "the group's share.session.timeout.ms: silence after which a member is out",
             .choices = {},
             .validate = validate_session},
            {.name = "properties",
             .type = OptionType::properties,
             .fallback = {},
             .help = "librdkafka's, by their own names, of those that share consumers have",
             .choices = {},
             .validate =
                 [](std::string_view entry) {
                   return validate_property(kafka::ClientType::consumer, entry, own_properties);
                 }},
        },
    .make = [](const Options& options) -> std::unique_ptr<Workload> {
      return std::make_unique<Share>(options);
    },
}};

}  // namespace
}  // namespace seatrial::workloads
