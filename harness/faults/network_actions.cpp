// Rules, and reading back what they did.
#include "faults/network_actions.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "core/api_names.hpp"
#include "core/check.hpp"
#include "core/numbers.hpp"
#include "core/suggest.hpp"
#include "core/target.hpp"
#include "kafka/wire/topic_id.hpp"

namespace seatrial::faults {
namespace {

std::string check_api(std::string_view text) {
  if (text == "any" || api_key(text)) return {};
  const auto hint = did_you_mean(text, api_names());
  return "'" + std::string(text) + "' is no request of Kafka's" +
         (hint.empty() ? "; they are written as in Produce, Fetch, Metadata" : hint);
}

bool names_topics(std::int16_t api) {
  constexpr std::array<std::int16_t, 3> with_topics{0, 1, 2};  // Produce, Fetch, ListOffsets
  return std::ranges::find(with_topics, api) != with_topics.end();
}

std::string check_every(std::string_view text) {
  const auto n = parse_integer(text);
  return n && *n >= 1 ? "" : "must be at least 1";
}

// orders, or orders/0; -1: any partition of it.
TopicPartition partition_in(const std::string& text) {
  const auto slash = text.find('/');
  if (slash == std::string::npos) return {text, -1};
  constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
  const auto partition = parse_integer(std::string_view(text).substr(slash + 1), 0, most);
  return {text.substr(0, slash), partition ? static_cast<std::int32_t>(*partition) : -2};
}

std::string check_topic(std::string_view text) {
  const auto where = partition_in(std::string(text));
  return !where.topic.empty() && where.partition >= -1
             ? ""
             : "'" + std::string(text) +
                   "' is no topic, as in orders, nor a partition, as in orders/0";
}

// Asked around the proxy. None: then requests that name topics by their ids count as not read.
std::optional<TopicId> topic_id_of(Cluster& cluster, const std::string& topic) {
  constexpr auto patience_with_one = seconds(2);
  for (const Node& node : cluster.nodes()) {
    if (!node.serves_clients()) continue;
    if (const auto id = kafka::wire::ask_topic_id(node.address, topic, now() + patience_with_one))
      return *id;
  }
  return std::nullopt;
}

}  // namespace

Network& network_of(Cluster& cluster) {
  Network* network = cluster.network();
  if (network == nullptr) {
    throw FaultIneffective("a cluster of kind '" + cluster.kind() + "' has no proxy before it");
  }
  return *network;
}

Fault::Needs RuleFault::needs() const {
  Needs out{.gear = {Gear::proxy}, .readable_requests = rule_.requests.has_value()};
  if (rule_.requests && !rule_.requests->topic.empty())
    out.of_partition =
        TopicPartition{rule_.requests->topic, rule_.requests->partition.value_or(-1)};
  return out;
}

// What is done to a request's response stays that, whoever asks.
void RuleFault::aim(const Peers& peers, Way way) {
  rule_.peers = peers;
  if (!rule_.requests) rule_.way = way;
}

void RuleFault::add_rules(Network& network, const std::vector<NodeId>& targets) {
  for (const NodeId node : targets) {
    NetworkRule rule = rule_;
    rule.node = node;
    in_force_.push_back({node, network.add(rule)});
  }
}

void RuleFault::inject(Cluster& cluster, const std::vector<NodeId>& targets, Evidence& evidence) {
  if (targets.empty()) throw FaultIneffective("the target resolved to no node");
  Network& network = network_of(cluster);
  if (rule_.requests && !rule_.requests->topic.empty())
    rule_.requests->topic_id = topic_id_of(cluster, rule_.requests->topic);
  add_rules(network, targets);
  for (const InForce& entry : in_force_) await_effect(network, entry, evidence);
  const auto around = network.bypassing();
  if (!around.empty()) throw FaultIneffective("a connection went around: " + around.front());
}

void RuleFault::await_effect(const Network& network, const InForce& entry,
                             Evidence& evidence) const {
  const SeenBy& sign = seen_by_.front();
  const auto acted = [&] { return network.counted(entry.rule).*sign.counter > 0; };
  if (!await_that(acted, {.budget = patience_}, evidence.stop)) {
    const auto unread = network.counted(entry.rule).unread;
    throw FaultIneffective(
        node_text(entry.node) + ": no " + sign.kind + " within " + format_duration(patience_) +
        (unread == 0 ? ""
                     : "; of " + std::to_string(unread) + " requests nobody could tell the topic"));
  }
  count(evidence, entry.node, sign.kind, network.counted(entry.rule).*sign.counter, sign.unit);
}

std::vector<std::string> RuleFault::heal(Cluster& cluster, Evidence& evidence) noexcept {
  std::vector<std::string> failures;
  for (const InForce& entry : std::exchange(in_force_, {})) {
    try {
      Network& network = network_of(cluster);
      network.remove(entry.rule);
      const RuleCounters counters = network.counted(entry.rule);
      for (const SeenBy& sign : seen_by_)
        count(evidence, entry.node, sign.kind, counters.*sign.counter, sign.unit);
    } catch (const std::exception& error) {
      failures.push_back(node_text(entry.node) + ": " + error.what());
    }
  }
  return failures;
}

std::vector<OptionSpec> link_options(std::vector<OptionSpec> own) {
  own.push_back(patience_option());
  return own;
}

std::vector<OptionSpec> request_options(std::vector<OptionSpec> own) {
  own.push_back({.name = "api",
                 .type = OptionType::text,
                 .fallback = "any",
                 .help = "which requests, as in Produce, Fetch; or any",
                 .choices = {},
                 .required = false,
                 .validate = check_api});
  own.push_back({.name = "topic",
                 .type = OptionType::text,
                 .fallback = "",
                 .help =
                     "of Produce, Fetch and ListOffsets those that are about this topic, or this "
                     "partition, as in orders/0, among others; default: of all",
                 .choices = {},
                 .required = false,
                 .validate = check_topic});
  own.push_back({.name = "client",
                 .type = OptionType::text,
                 .fallback = "",
                 .help = "of clients whose client.id begins so; default: of all"});
  own.push_back({.name = "nth",
                 .type = OptionType::integer,
                 .fallback = "1",
                 .help = "each n-th of them, counted for each target",
                 .choices = {},
                 .required = false,
                 .validate = check_every});
  own.push_back({.name = "probability",
                 .type = OptionType::number,
                 .fallback = "1",
                 .help = "and of these so many, drawn by `seed`",
                 .choices = {},
                 .required = false,
                 .validate = check_share});
  own.push_back({.name = "seed",
                 .type = OptionType::integer,
                 .fallback = "1",
                 .help = "of what is drawn by probability"});
  own.push_back(patience_option());
  return own;
}

NetworkRule link_rule(NetworkRule::Effect effect) {
  NetworkRule rule;
  rule.effect = effect;
  rule.peers = {.clients = true, .brokers = true, .controllers = true};
  return rule;
}

NetworkRule request_rule(NetworkRule::Effect effect, const Options& options) {
  NetworkRule rule;
  rule.effect = effect;
  rule.peers = {.clients = true};
  rule.way = Way::in;
  RequestMatch match;
  if (options.text("api") != "any") match.api = api_key(options.text("api"));
  if (options.has("client")) match.client = options.text("client");
  match.every = static_cast<std::uint64_t>(options.integer("nth"));
  match.probability = options.number("probability");
  match.seed = static_cast<std::uint64_t>(options.integer("seed"));
  if (options.has("topic")) {
    const auto where = partition_in(options.text("topic"));
    match.topic = where.topic;
    if (where.partition >= 0) match.partition = where.partition;
    if (match.api && !names_topics(*match.api))
      throw UsageError("topic: " + options.text("api") +
                       " requests are of no topic; those of "
                       "Produce, Fetch and ListOffsets are");
  }
  rule.requests = match;
  return rule;
}

}  // namespace seatrial::faults
