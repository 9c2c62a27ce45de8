// The `group` workload: members of a consumer group, each a process of its own, so that a fault can
// kill one or make it stand still. Members may join late and leave early. This file holds its
// options; the member's loop is group_lane's.
#include <algorithm>
#include <array>

#include "client/workload.hpp"
#include "core/check.hpp"
#include "core/registry.hpp"
#include "core/units.hpp"
#include "workloads/client_options.hpp"
#include "workloads/group_lane.hpp"

namespace seatrial::workloads {
namespace {

constexpr std::array own_properties = {
    OwnProperty{"bootstrap.servers", "the harness gives the cluster's address"},
    OwnProperty{"group.id", "use the option `group`"},
    OwnProperty{"group.protocol", "use the option `assignment`"},
    OwnProperty{"partition.assignment.strategy", "use the option `assignment`"},
    OwnProperty{"session.timeout.ms", "use the option `session`"},
    OwnProperty{"enable.auto.commit", "use the option `commit`"},
    OwnProperty{"enable.auto.offset.store", "use the option `commit`"},
    OwnProperty{"enable.partition.eof", "the member has to know when it reached an end"},
    OwnProperty{"rebalance_cb", "it is the member's"},
    OwnProperty{"offset_commit_cb", "it is the member's"},
    OwnProperty{"consume_cb", "the member polls"},
    OwnProperty{"enabled_events", "the member reads the client's events by callbacks"},
    OwnProperty{"interceptors", "the harness takes no others' code"},
    OwnProperty{"opaque", "it is the member's"},
};

Commit commit_of(std::string_view name) {
  if (name == "before") return Commit::before;
  if (name == "sync") return Commit::sync;
  return name == "auto" ? Commit::automatic : Commit::after;
}

Assignment assignment_of(std::string_view name) {
  if (name == "consumer") return Assignment::consumer;
  return name == "cooperative" ? Assignment::cooperative : Assignment::eager;
}

std::string validate_session(std::string_view value) {
  const auto span = parse_duration(value);
  return span && *span >= seconds(1) && *span <= std::chrono::hours(1) ? ""
                                                                       : "lies between 1s and 1h";
}

// An entry `3=10s` of `join` or `leave`.
std::string validate_time(std::string_view entry) {
  const auto equals = entry.find('=');
  const auto member = parse_integer(entry.substr(0, equals));
  if (!member || *member < 1 || *member > most_members) {
    return "'" + std::string(entry.substr(0, equals)) +
           "' is not a member's number: they count "
           "from 1, as in {3: 10s}";
  }
  const auto at = parse_duration(entry.substr(equals + 1));
  return at ? "" : at.error().message;
}

using Times = std::map<int, nanoseconds>;  // member -> since the start of measure

Times times_of(const Options& options, const std::string& name, int members) {
  Times out;
  for (const auto& [number, at] : options.properties(name)) {
    const auto member = static_cast<int>(parse_integer(number).value());
    if (member > members) {
      throw UsageError(name + ": there is no member " + number + ": they are 1 to " +
                       std::to_string(members));
    }
    if (!out.emplace(member, parse_duration(at).value()).second)
      throw UsageError(name + ": member " + std::to_string(member) + " is named twice");
  }
  return out;
}

// A protocol that the loaded library does not speak is refused before anything starts.
void require_library(Assignment assignment) {
  if (assignment != Assignment::consumer) return;
  if (std::ranges::count(kafka::known_client_properties(), "group.protocol") > 0) return;
  throw UsageError(
      "assignment: consumer (KIP-848) needs librdkafka 2.12.0 or newer (2.4.0 has an early form); "
      "the one loaded is " +
      kafka::library_version() + ": use eager or cooperative, or client_library: 2.16.0");
}

class Group final : public Workload {
 public:
  explicit Group(const Options& options)
      : members_(static_cast<int>(options.integer("members"))),
        properties_(options.properties("properties")),
        joins_(times_of(options, "join", members_)),
        leaves_(times_of(options, "leave", members_)),
        settings_{.group = options.has("group") ? options.text("group") : "",
                  .commit = commit_of(options.text("commit")),
                  .assignment = assignment_of(options.text("assignment")),
                  .handler = options.duration("handler"),
                  .batch = static_cast<int>(options.integer("batch")),
                  .session = options.duration("session")} {
    for (const auto& [member, at] : leaves_) {
      const auto joined = joins_.find(member);
      if (joined != joins_.end() && at <= joined->second) {
        throw UsageError("leave: member " + std::to_string(member) + " leaves before it joins");
      }
    }
    if (joins_.size() == static_cast<std::size_t>(members_)) {
      throw UsageError("join: at least one member must be there from the beginning");
    }
  }

  [[nodiscard]] Traits traits() const override {
    const bool early = settings_.commit == Commit::automatic || settings_.commit == Commit::before;
    return {.lanes = members_, .has_members = true, .at_most_once = early};
  }
  [[nodiscard]] MemberSpan member_span(int index) const override {
    MemberSpan span;
    if (const auto it = joins_.find(index + 1); it != joins_.end()) span.joins = it->second;
    if (const auto it = leaves_.find(index + 1); it != leaves_.end()) span.leaves = it->second;
    return span;
  }
  [[nodiscard]] kafka::Properties client_properties() const override {
    require_library(settings_.assignment);
    require_own_instance(properties_, members_);
    auto settings = settings_;
    if (settings.group.empty()) settings.group = "derived";
    return effective_or_throw(kafka::ClientType::consumer, group_properties(settings, properties_));
  }
  LaneReport run(LaneContext& lane, const std::function<void()>& ready,
                 std::stop_token stop) const override {
    auto settings = settings_;
    if (settings.group.empty()) settings.group = lane.workload;
    return run_group_lane(settings, lane, ready, stop);
  }

 private:
  int members_;
  kafka::Properties properties_;
  Times joins_, leaves_;
  GroupSettings settings_;
};

const Registration<Workload> registration{{
    .name = "group",
    .help = "a consumer group whose members are processes: targets member(1), member(2), ...",
    .options =
        {
            read_topic_option(),
            group_option(),
            members_option(),
            {.name = "assignment",
             .type = OptionType::choice,
             .fallback = "eager",
             .help = "eager: all give up all at each rebalance; cooperative: only what moves; "
                     "consumer: the brokers assign (KIP-848, where the client library can)",
             .choices = {"eager", "cooperative", "consumer"}},
            {.name = "commit",
             .type = OptionType::choice,
             .fallback = "auto",
             .help = "auto: the library's own; after: stored once processed, committed in the "
                     "background; sync: each batch once processed; before: each batch before that",
             .choices = {"auto", "after", "sync", "before"}},
            handler_option(),
            {.name = "batch",
             .type = OptionType::integer,
             .fallback = "100",
             .help = "messages polled at most before they are processed, one after the other",
             .choices = {},
             .validate = validate_batch},
            {.name = "session",
             .type = OptionType::duration,
             .fallback = "6s",
             .help = "silence after which a member is out; of assignment: consumer, the brokers' "
                     "group.consumer.session.timeout.ms",
             .choices = {},
             .validate = validate_session},
            {.name = "join",
             .type = OptionType::properties,
             .fallback = {},
             .help = "members that come later, as in {3: 10s}, since the start of measure",
             .choices = {},
             .validate = validate_time},
            {.name = "leave",
             .type = OptionType::properties,
             .fallback = {},
             .help = "members that leave in good order, as in {2: 20s}",
             .choices = {},
             .validate = validate_time},
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
      return std::make_unique<Group>(options);
    },
}};

}  // namespace
}  // namespace seatrial::workloads
