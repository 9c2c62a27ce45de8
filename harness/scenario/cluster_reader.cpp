// Reads `cluster:`, `topics:` and `phases:`.
#include <algorithm>
#include <array>

#include "core/names.hpp"
#include "core/suggest.hpp"
#include "core/units.hpp"
#include "scenario/readers.hpp"
#include "scenario/sections.hpp"
#include "scenario/tables.hpp"

namespace seatrial::scenario {
namespace {

// What the harness writes into each node's configuration itself.
constexpr std::array<std::string_view, 14> owned_broker_properties{
    "advertised.listeners", "broker.id", "cluster.id", "controller.listener.names",
    "controller.quorum.bootstrap.servers", "controller.quorum.voters",
    "inter.broker.listener.name", "listener.security.protocol.map", "listeners", "log.dir",
    "log.dirs", "metadata.log.dir", "node.id", "process.roles"};

// A value that could not be used is replaced by one that provokes no further message: the reader
// gets one message for one mistake.
constexpr int most_brokers = 99;
constexpr int most_log_dirs = 8;
constexpr int most_partitions = 10'000;
constexpr nanoseconds longest_measure = std::chrono::hours(24 * 365);

void check_kind(const Node& cluster, const std::string& kind, ReadContext& context) {
  std::vector<std::string> names{"auto"};
  for (const auto& known : ClusterKinds::instance().all()) names.push_back(known.name);
  if (std::find(names.begin(), names.end(), kind) != names.end()) return;
  auto hint = did_you_mean(kind, names);
  if (hint.empty()) {
    for (const auto& name : names) hint += (hint.empty() ? "; there are " : ", ") + name;
  }
  context.problems.add(place_of(cluster, "kind"),
                       "cluster: kind: unknown cluster kind '" + kind + "'" + hint);
}

std::string text_of(const Options& options, std::string_view key, std::string otherwise) {
  return options.has(key) ? options.text(key) : std::move(otherwise);
}

nanoseconds span_of(const Options& options, std::string_view key, nanoseconds otherwise) {
  return options.has(key) ? options.duration(key) : otherwise;
}

int count_of(const Options& options, std::string_view key, int otherwise) {
  return options.has(key) ? static_cast<int>(options.integer(key)) : otherwise;
}

WarmupPlan read_warmup(const Node& bounds, ReadContext& context) {
  const auto options = read_section(bounds, warmup_keys(), "phases: warmup", context.problems);
  WarmupPlan out;
  out.at_least = span_of(options, "at_least", out.at_least);
  const bool limited = bounds.find("at_most") != nullptr && options.has("at_most");
  out.at_most = span_of(options, "at_most", out.at_most);
  if (bounds.find("at_least") == nullptr) out.at_least = std::min(out.at_least, out.at_most);
  if (limited && out.at_most < out.at_least) {
    context.problems.add(place_of(bounds, "at_most"),
                         "phases: warmup: at_most, " + format_duration(out.at_most) +
                             ", is less than at_least, " + format_duration(out.at_least));
  }
  return out;
}

void check_topic_name(const Entry& topic, ReadContext& context) {
  const auto& name = topic.key;
  if (const auto wrong = wrong_name(name, longest_kafka_name); !wrong.empty()) {
    context.problems.add(topic.place, "topic " + wrong);
  } else if (name.starts_with("__")) {
    context.problems.add(topic.place, "topic '" + name + "': names with __ are Kafka's own");
  }
}

// Kafka's metrics do not tell `.` from `_`, and it refuses a topic that they would take for
// another.
void check_collision(const Entry& topic, const std::vector<TopicPlan>& before,
                     ReadContext& context) {
  const auto in_metrics = [](std::string name) {
    std::ranges::replace(name, '.', '_');
    return name;
  };
  for (const auto& other : before) {
    if (in_metrics(other.name) != in_metrics(topic.key)) continue;
    context.problems.add(topic.place, "topic '" + topic.key + "': Kafka refuses it beside '" +
                                          other.name + "', since its metrics take . for _");
  }
}

// The insync minimum that a topic will have, and where it was written.
void check_min_insync(const Node& topic, const TopicPlan& plan, const ClusterSpec& cluster,
                      ReadContext& context) {
  const std::string name = "min.insync.replicas";
  const bool own = plan.config.contains(name);
  const auto broker = cluster.config.find(name);
  if (!own && broker == cluster.config.end()) return;
  const auto& text = own ? plan.config.at(name) : broker->second;
  const auto place = own ? place_of(topic, "config", name) : place_of(topic, "replication");
  const auto value = parse_integer(text);
  const std::string start = "topic '" + plan.name + "': min.insync.replicas ";
  if (!value || *value < 1) return;  // told already, or not known to be read
  if (*value > plan.replication) {
    context.problems.add(place, start + text + (own ? "" : " of the cluster's config") +
                                    " is above its replication " +
                                    std::to_string(plan.replication) +
                                    ": acks=all could never succeed");
  }
}

}  // namespace

namespace {

// Of [east, west].
std::vector<std::string> read_racks(const Node& cluster, std::string_view text, int brokers,
                                    ReadContext& context) {
  const auto refuse = [&](const std::string& why) {
    context.problems.add(place_of(cluster, "racks"), "cluster: racks: " + why);
    return std::vector<std::string>{};
  };
  if (!text.starts_with('[') || !text.ends_with(']')) {
    return refuse("must be a list, as in [east, west]");
  }
  std::vector<std::string> out;
  std::string_view rest = text.substr(1, text.size() - 2);
  while (!rest.empty()) {
    const auto name = rest.substr(0, rest.find(", "));
    if (const auto wrong = wrong_name(name, longest_name); !wrong.empty()) return refuse(wrong);
    if (std::find(out.begin(), out.end(), name) != out.end()) {
      return refuse("'" + std::string(name) + "' stands there twice");
    }
    out.emplace_back(name);
    rest.remove_prefix(std::min(name.size() + 2, rest.size()));
  }
  if (static_cast<int>(out.size()) > brokers) {
    return refuse("more racks than the " + std::to_string(brokers) + " brokers");
  }
  return out;
}

}  // namespace

ClusterSpec read_cluster(const Node& written, ReadContext& context) {
  const Node cluster = with_list_as_text(written, "racks");
  const auto options = read_section(cluster, cluster_keys(), "cluster", context.problems);
  ClusterSpec out;
  out.kind = text_of(options, "kind", out.kind);
  if (options.has("kind")) check_kind(cluster, out.kind, context);
  if (out.kind == "external" && cluster.find("version") == nullptr) out.version = "unknown";
  else out.version = text_of(options, "version", out.version);
  out.brokers = count_of(options, "brokers", most_brokers);
  const auto controllers = text_of(options, "controllers", "1");
  out.combined = controllers == "combined";
  out.controllers =
      out.combined ? std::min(3, out.brokers) : static_cast<int>(*parse_integer(controllers));
  out.fast_timeouts = text_of(options, "timeouts", "fast") == "fast";
  if (options.has("config")) out.config = options.properties("config");
  if (options.has("quotas")) {
    for (const auto& [name, value] : options.properties("quotas")) {
      out.quotas[name] = quota_value(name, value);
    }
  }
  if (options.has("users")) out.users = options.properties("users");
  if (options.has("features")) out.features = options.properties("features");
  if (options.has("racks"))
    out.racks = read_racks(cluster, options.text("racks"), out.brokers, context);
  out.heap = std::to_string(heap_mib(text_of(options, "heap", out.heap))) + "m";
  out.log_dirs = count_of(options, "log_dirs", most_log_dirs);
  if (options.has("cpus")) out.cpus = options.number("cpus");
  out.data = text_of(options, "data", out.data);
  if (options.has("proxy") && options.boolean("proxy")) out.gear.insert(Gear::proxy);
  if (options.has("broker_metrics")) out.broker_metrics = options.boolean("broker_metrics");
  out.start_budget = span_of(options, "start_budget", out.start_budget);
  read_external(cluster, options, out, context);
  for (const auto name : owned_broker_properties) {
    if (out.config.erase(std::string(name)) == 0) continue;
    context.problems.add(
        place_of(cluster, "config", name),
        "cluster: config: '" + std::string(name) + "' is set by the harness for each node");
  }
  read_kafka_properties(cluster, context.names.of(out.version).broker, "broker", out.config,
                        context);
  return out;
}

std::vector<TopicPlan> read_topics(const Node& topics, const ClusterSpec& cluster,
                                   ReadContext& context) {
  std::vector<TopicPlan> out;
  if (!is_map_or_absent(topics, "topics", context.problems)) return out;
  for (const auto& entry : topics.entries) {
    const auto& node = entry.value;
    const auto title = "topic '" + entry.key + "'";
    check_topic_name(entry, context);
    check_collision(entry, out, context);
    const auto options = read_section(node, topic_keys(), title, context.problems);
    TopicPlan topic;
    topic.name = entry.key;
    topic.partitions = count_of(options, "partitions", most_partitions);
    topic.replication = count_of(options, "replication", cluster.brokers);
    if (options.has("config")) topic.config = options.properties("config");
    if (topic.replication > cluster.brokers) {
      context.problems.add(place_of(node, "replication"),
                           title + ": replication " + std::to_string(topic.replication) +
                               " needs as many brokers, and the cluster has " +
                               std::to_string(cluster.brokers));
    }
    read_kafka_properties(node, context.names.of(cluster.version).topic, "topic", topic.config,
                          context);
    if (options.has("replication")) check_min_insync(node, topic, cluster, context);
    out.push_back(std::move(topic));
  }
  return out;
}

bool read_full_history(const Node& history, ReadContext& context) {
  if (history.kind == Node::Kind::null || history.unresolved) return false;
  if (history.text == "full" || history.text == "none") return history.text == "full";
  context.problems.add(history.place, "history: must be none or full, not " +
                                          (history.is_scalar()
                                               ? "'" + history.text + "'"
                                               : std::string(kind_name(history))));
  return false;
}

std::vector<std::string> read_allowed_lines(const Node& list, ReadContext& context) {
  std::vector<std::string> out;
  if (list.kind == Node::Kind::null || list.unresolved) return out;
  if (list.kind != Node::Kind::sequence) {
    context.problems.add(list.place, "allow_in_broker_logs: must be a list, not " +
                                         std::string(kind_name(list)));
    return out;
  }
  for (const Node& item : list.items) {
    // Nearly every line holds a text as short as that, so it would allow nearly everything.
    constexpr std::size_t shortest = 4;
    if (item.unresolved) continue;
    if (item.is_scalar() && item.text.size() >= shortest) {
      out.push_back(item.text);
      continue;
    }
    context.problems.add(
        item.place, "allow_in_broker_logs: each is a kind of line or a part of its text, of " +
                        std::to_string(shortest) + " characters or more, not " +
                        (item.is_scalar() ? "'" + item.text + "'" : std::string(kind_name(item))));
  }
  return out;
}

PhasesPlan read_phases(const Node& phases, ReadContext& context) {
  const Node* bounds = nullptr;  // of warmup, where both are given; else it is the least
  Node rest = phases;
  if (const Entry* warmup = phases.find("warmup"); warmup != nullptr && warmup->value.is_map()) {
    bounds = &warmup->value;
    std::erase_if(rest.entries, [](const Entry& entry) { return entry.key == "warmup"; });
  }
  const auto options = read_section(rest, phase_keys(), "phases", context.problems);
  PhasesPlan out;
  out.warmup.at_least = span_of(options, "warmup", out.warmup.at_least);
  if (bounds != nullptr) out.warmup = read_warmup(*bounds, context);
  out.warmup.at_most = std::max(out.warmup.at_most, out.warmup.at_least);
  out.measure = span_of(options, "measure", longest_measure);
  out.settle = span_of(options, "settle", out.settle);
  out.recover = span_of(options, "recover", out.recover);
  out.audit = span_of(options, "audit", out.audit);
  return out;
}

}  // namespace seatrial::scenario
