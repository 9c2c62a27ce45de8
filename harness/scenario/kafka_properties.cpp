// What Kafka is given of `config:`, and whether it will take the messages of a workload.
#include <algorithm>

#include "core/numbers.hpp"
#include "core/suggest.hpp"
#include "core/units.hpp"
#include "scenario/readers.hpp"
#include "scenario/sections.hpp"

namespace seatrial::scenario {
namespace {

using Type = PropertyDefinition::Type;

// What the harness itself reads: checked by these where Kafka's own definitions are not there (for
// the mock they never are).
const std::vector<PropertyDefinition>& read_by_harness() {
  static const std::vector<PropertyDefinition> table = [] {
    std::vector<PropertyDefinition> out{
        {.name = "cleanup.policy", .type = Type::list, .choices = {"compact", "delete"}},
        {.name = "unclean.leader.election.enable", .type = Type::boolean},
        {.name = "min.insync.replicas", .type = Type::integer, .least = 1, .most = 2147483647},
    };
    for (const char* name :
         {"retention.ms", "retention.bytes", "segment.ms", "delete.retention.ms",
          "max.message.bytes", "message.max.bytes", "log.retention.check.interval.ms",
          "log.initial.task.delay.ms", "replica.lag.time.max.ms", "broker.session.timeout.ms"}) {
      out.push_back({.name = name, .type = Type::integer, .least = -1, .most = 0x1p63});
    }
    return out;
  }();
  return table;
}

// The largest of `256B` or `uniform(100B, 1KiB)`; 0 if there is none.
std::uint64_t largest_size(const Options& options) {
  if (!options.has("size")) return 0;
  std::string_view text = options.text("size");
  if (text.find('(') != text.npos && text.ends_with(')')) {
    text = text.substr(std::min(text.rfind(','), text.size() - 1) + 1);
    text.remove_suffix(1);
  }
  const auto size = parse_size(text);
  return size ? *size : 0;
}

// The longest of `uniform(N)` or `zipf(N, S)`, whose keys are the numbers below N in decimal.
std::uint64_t key_bytes(const WorkloadPlan& plan) {
  if (!plan.options.has("keys")) return 0;
  const std::string_view text = plan.options.text("keys");
  const auto number = text.find('(');
  return number == text.npos ? 0 : text.find_first_of(",)", number) - number - 1;
}

std::uint64_t number_at(const std::map<std::string, std::string>& properties,
                        const std::string& name, std::uint64_t otherwise) {
  const auto it = properties.find(name);
  if (it == properties.end()) return otherwise;
  const auto number = parse_unsigned(it->second);
  return number ? *number : otherwise;
}

}  // namespace

void read_kafka_properties(const Node& map, const std::vector<PropertyDefinition>& known,
                           const std::string& what, std::map<std::string, std::string>& values,
                           ReadContext& context) {
  if (known.empty() && !values.empty()) {
    context.warnings.add(place_of(map, "config"), "the definitions of " + what +
                                                      " properties are not known, so only those "
                                                      "that the harness reads are checked");
  }
  for (auto& [name, value] : values) {
    const auto place = place_of(map, "config", name);
    const auto* definition = find_property(known.empty() ? read_by_harness() : known, name);
    if (definition == nullptr) {
      if (known.empty()) continue;
      context.problems.add(place, "unknown " + what + " property '" + name + "'" +
                                      did_you_mean(name, names_of(known)));
      continue;
    }
    auto read = read_property(*definition, value);
    const auto at_value = value_of(map, "config", name);
    if (!read) {
      context.problems.add(at_value, what + " property " + read.error().message);
    } else if (*read != value) {
      context.warnings.add(at_value,
                           what + " property " + name + ": '" + value + "' is given as " + *read);
      value = std::move(*read);
    }
  }
}

void check_message_size(const Node& node, const WorkloadPlan& plan, const ClusterSpec& cluster,
                        const std::vector<TopicPlan>& topics,
                        const std::map<std::string, std::string>& properties,
                        ReadContext& context) {
  const auto size = largest_size(plan.options);
  if (size == 0 || !plan.options.has("topic")) return;
  const auto warn = [&](const std::string& limit, std::uint64_t bytes) {
    context.warnings.add(place_of(node, "size"),
                         "workload '" + plan.name + "': size: a message of " +
                             std::to_string(size) + " bytes" +
                             (size > bytes ? "" : ", with its key and their record's head,") +
                             " is above " + limit + ", " + std::to_string(bytes) +
                             ": it fails as MSG_SIZE_TOO_LARGE; raise that, or lower the size");
  };
  // Of a client without that property (the wire engine) the batch alone is bounded. The library
  // compares a message's key and value with the most that a record's other fields can take
  // (rdkafka_proto.h, RD_KAFKAP_MESSAGE_V2_MAX_OVERHEAD).
  constexpr std::uint64_t most_of_record = 36;
  const auto of_client = number_at(properties, "message.max.bytes", UINT64_MAX);
  if (size + key_bytes(plan) + most_of_record > of_client)
    return warn("the client's message.max.bytes", of_client);
  const auto topic = std::ranges::find(topics, plan.options.text("topic"), &TopicPlan::name);
  if (topic == topics.end()) return;
  constexpr std::uint64_t kafkas_own = 1'048'588;
  // Brokers look at batches as they come: a batch has a head of 61 bytes, its record one of 7.
  constexpr std::uint64_t overhead = 68;
  const bool own = topic->config.contains("max.message.bytes");
  const auto of_topic = number_at(topic->config, "max.message.bytes",
                                  number_at(cluster.config, "message.max.bytes", kafkas_own));
  const auto codec = properties.find("compression.codec");
  if (codec != properties.end() && codec->second != "none") return;
  if (size + overhead <= of_topic) return;
  warn(own ? "max.message.bytes of topic '" + topic->name + "'"
           : "max.message.bytes that topic '" + topic->name + "' has from its brokers",
       of_topic);
}

}  // namespace seatrial::scenario
