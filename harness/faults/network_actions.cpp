// Rules, and reading back what they did.
#include "faults/network_actions.hpp"

#include <algorithm>
#include <thread>

#include "core/api_names.hpp"
#include "core/suggest.hpp"
#include "core/target.hpp"
#include "core/trimmed.hpp"

namespace seatrial::faults {
namespace {

// One of clients, brokers, controllers, all, broker(2); whether it is.
bool add_peer(std::string_view word, Peers& to) {
  if (word == "all") to.clients = to.brokers = to.controllers = true;
  else if (word == "clients") to.clients = true;
  else if (word == "brokers") to.brokers = true;
  else if (word == "controllers") to.controllers = true;
  else {
    const auto target = parse_target(word);
    if (!target || target->kind != Target::Kind::broker) return false;
    to.nodes.push_back(target->node);
  }
  return true;
}

std::string read_peers(std::string_view text, Peers& to) {
  while (true) {
    const auto comma = text.find(',');
    const auto word = trimmed(text.substr(0, comma));
    if (!add_peer(word, to)) {
      return "'" + std::string(word) +
             "' is none of all, clients, brokers, controllers, broker(2); several are separated "
             "by commas";
    }
    if (comma == std::string_view::npos) return {};
    text.remove_prefix(comma + 1);
  }
}

std::string check_peers(std::string_view text) {
  Peers ignored;
  return read_peers(text, ignored);
}

std::string check_api(std::string_view text) {
  if (text == "any" || api_key(text)) return {};
  const auto hint = did_you_mean(text, api_names());
  return "'" + std::string(text) + "' is no request of Kafka's" +
         (hint.empty() ? "; they are written as in Produce, Fetch, Metadata" : hint);
}

std::string check_every(std::string_view text) {
  const auto n = parse_integer(text);
  return n && *n >= 1 ? "" : "must be at least 1";
}

std::string check_probability(std::string_view text) {
  const auto p = parse_number(text);
  return p && *p > 0 && *p <= 1 ? "" : "must be above 0 and at most 1";
}

OptionSpec from_option(const std::string& fallback) {
  return {.name = "from",
          .type = OptionType::text,
          .fallback = fallback,
          .help =
              "whom it is cut off from: all, clients, brokers, controllers, broker(2), or "
              "several, separated by commas",
          .choices = {},
          .required = false,
          .validate = check_peers};
}

OptionSpec way_option(const std::string& help) {
  return {.name = "way",
          .type = OptionType::choice,
          .fallback = "both",
          .help = help,
          .choices = {"in", "out", "both"}};
}

OptionSpec seen_within() {
  return {.name = "patience",
          .type = OptionType::duration,
          .fallback = "10s",
          .help = "how long to wait until the effect is seen",
          .choices = {}};
}

Peers peers_of(const Options& options) {
  Peers out;
  read_peers(options.text("from"), out);
  return out;
}

Way way_of(const Options& options) {
  const auto& way = options.text("way");
  if (way == "both") return Way::both;
  return way == "in" ? Way::in : Way::out;
}

}  // namespace

Network& network_of(Cluster& cluster) {
  Network* network = cluster.network();
  if (network == nullptr) {
    throw FaultIneffective("a cluster of kind '" + cluster.kind() + "' has no proxy before it");
  }
  return *network;
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
  add_rules(network, targets);
  for (const InForce& entry : in_force_) await_effect(network, entry, evidence);
  const auto around = network.bypassing();
  if (!around.empty()) throw FaultIneffective("a connection went around: " + around.front());
}

void RuleFault::await_effect(const Network& network, const InForce& entry,
                             Evidence& evidence) const {
  const Instant deadline = now() + patience_;
  const SeenBy& sign = seen_by_.front();
  while (network.counted(entry.rule).*sign.counter == 0) {
    if (now() > deadline || evidence.stop.stop_requested()) {
      throw FaultIneffective(node_text(entry.node) + ": no " + sign.kind + " within " +
                             format_duration(patience_));
    }
    std::this_thread::sleep_for(milliseconds(1));
  }
  evidence.counted.push_back(
      {.node = entry.node,
       .kind = sign.kind,
       .value = static_cast<double>(network.counted(entry.rule).*sign.counter),
       .unit = sign.unit,
       .at = now()});
}

std::vector<std::string> RuleFault::heal(Cluster& cluster, Evidence& evidence) noexcept {
  std::vector<std::string> failures;
  for (const InForce& entry : std::exchange(in_force_, {})) {
    try {
      Network& network = network_of(cluster);
      network.remove(entry.rule);
      const RuleCounters counters = network.counted(entry.rule);
      for (const SeenBy& sign : seen_by_) {
        evidence.counted.push_back({.node = entry.node,
                                    .kind = sign.kind,
                                    .value = static_cast<double>(counters.*sign.counter),
                                    .unit = sign.unit,
                                    .at = now()});
      }
    } catch (const std::exception& error) {
      failures.push_back(node_text(entry.node) + ": " + error.what());
    }
  }
  return failures;
}

std::vector<OptionSpec> link_options(std::vector<OptionSpec> own) {
  own.push_back(from_option("all"));
  own.push_back(way_option("of what goes into the node, comes out of it, or both"));
  own.push_back(seen_within());
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
                 .validate = check_probability});
  own.push_back({.name = "seed",
                 .type = OptionType::integer,
                 .fallback = "1",
                 .help = "of what is drawn by probability"});
  own.push_back(from_option("clients"));
  own.push_back(seen_within());
  return own;
}

NetworkRule link_rule(NetworkRule::Effect effect, const Options& options) {
  NetworkRule rule;
  rule.effect = effect;
  rule.peers = peers_of(options);
  rule.way = way_of(options);
  return rule;
}

NetworkRule request_rule(NetworkRule::Effect effect, const Options& options) {
  NetworkRule rule;
  rule.effect = effect;
  rule.peers = peers_of(options);
  rule.way = Way::in;
  RequestMatch match;
  if (options.text("api") != "any") match.api = api_key(options.text("api"));
  if (options.has("client")) match.client = options.text("client");
  match.every = static_cast<std::uint64_t>(options.integer("nth"));
  match.probability = options.number("probability");
  match.seed = static_cast<std::uint64_t>(options.integer("seed"));
  rule.requests = match;
  return rule;
}

milliseconds network_patience(const Options& options) {
  return std::chrono::duration_cast<milliseconds>(options.duration("patience"));
}

}  // namespace seatrial::faults
