// The checks that both workloads share; names are compared in canonical form, so aliases match.
#include "workloads/client_options.hpp"

#include <algorithm>
#include <array>

#include "core/check.hpp"
#include "core/names.hpp"
#include "core/units.hpp"

namespace seatrial::workloads {
namespace {

// Of every workload's clients.
constexpr std::array nobodys = {
    OwnProperty{"plugin.library.paths", "the harness takes no others' code"},
};

// Values that the library takes and under which the outcomes say nothing of the cluster.
std::string why_meaningless(const std::string& canonical, const std::string& value) {
  const auto acks = canonical == kafka::canonical_property("acks") ? parse_integer(value) : -1;
  if (acks && (*acks < -1 || *acks > 1)) {
    return "brokers know all (or -1), 1 and 0, and refuse every message that asks for " + value;
  }
  if (canonical == "queuing.strategy" && value == "lifo") {
    return "the newest message would go first, so the log would be out of order by the client's "
           "own will";
  }
  return {};
}

const OwnProperty* find_own(std::span<const OwnProperty> own, const std::string& canonical) {
  const auto it = std::ranges::find_if(own, [&](const OwnProperty& property) {
    return kafka::canonical_property(property.name) == canonical;
  });
  return it == own.end() ? nullptr : &*it;
}

}  // namespace

std::string validate_property(kafka::ClientType type, std::string_view entry,
                              std::span<const OwnProperty> own) {
  const auto equals = entry.find('=');
  const std::string name(entry.substr(0, equals));
  const std::string value(equals == entry.npos ? "" : entry.substr(equals + 1));
  const std::string canonical = kafka::canonical_property(name);
  const OwnProperty* refused = find_own(own, canonical);
  if (refused == nullptr) refused = find_own(nobodys, canonical);
  if (refused != nullptr) return "'" + name + "' cannot be set: " + std::string(refused->why);
  if (auto wrong = kafka::check_property(type, name, value); !wrong.empty()) return wrong;
  const std::string why = why_meaningless(canonical, value);
  return why.empty() ? "" : "'" + name + "' cannot be " + value + ": " + why;
}

void require_own_instance(const kafka::Properties& properties, int members) {
  if (members < 2 || !properties.contains("group.instance.id")) return;
  throw UsageError(
      "properties: 'group.instance.id' names one member, and " + std::to_string(members) +
      " would put each other out of the group by it; leave it out, or have one member");
}

std::string validate_group(std::string_view name) { return wrong_name(name, longest_kafka_name); }

std::string validate_open_rate(std::string_view text) {
  const auto rate = parse_rate(text);
  return rate && !rate->unlimited && rate->messages > 0 ? "" : "must be a rate above 0";
}

std::string validate_share(std::string_view text) {
  const auto share = parse_number(text);
  return share && *share >= 0 && *share <= 1 ? "" : "lies between 0 and 1";
}

std::string validate_lanes(std::string_view value) {
  constexpr std::int64_t most = 1024;
  const auto lanes = parse_integer(value);
  if (lanes && *lanes >= 1 && *lanes <= most) return {};
  return "must lie between 1 and " + std::to_string(most) + ", not " + std::string(value);
}

std::string validate_members(std::string_view value) {
  const auto members = parse_integer(value);
  if (members && *members >= 1 && *members <= most_members) return {};
  return "must lie between 1 and " + std::to_string(most_members) + ", not " + std::string(value);
}

std::string validate_batch(std::string_view value) {
  const auto batch = parse_integer(value);
  return batch && *batch >= 1 && *batch <= 100'000 ? "" : "lies between 1 and 100000";
}

kafka::Properties effective_or_throw(kafka::ClientType type, const kafka::Properties& properties) {
  auto effective = kafka::effective_config(type, properties);
  if (!effective) throw UsageError("properties: " + effective.error().message);
  return std::move(*effective);
}

OptionSpec read_topic_option() {
  return {.name = "topic",
          .type = OptionType::text,
          .fallback = {},
          .help = "one of `topics`",
          .choices = {},
          .required = true};
}

OptionSpec group_option() {
  return {.name = "group",
          .type = OptionType::text,
          .fallback = {},
          .help = "its name; by default the workload's",
          .choices = {},
          .validate = validate_group};
}

OptionSpec members_option() {
  return {.name = "members",
          .type = OptionType::integer,
          .fallback = "3",
          .help = "processes, each with a client of its own",
          .choices = {},
          .validate = validate_members};
}

OptionSpec handler_option() {
  return {.name = "handler",
          .type = OptionType::duration,
          .fallback = "0",
          .help = "time that processing a message takes",
          .choices = {}};
}

}  // namespace seatrial::workloads
