// Implements proxy/rules.hpp.
#include "proxy/rules.hpp"

#include <algorithm>
#include <utility>

#include "core/mix.hpp"

namespace seatrial::proxy {
namespace {

constexpr double longest_burst_s = 0.01;
constexpr double least_burst = 4096;  // bytes

bool includes(const Peers& peers, NodeId node, NodeRole role) {
  return (peers.brokers && role != NodeRole::controller) ||
         (peers.controllers && role != NodeRole::broker) ||
         std::ranges::find(peers.nodes, node) != peers.nodes.end();
}

NodeRole role_of(const Roles& roles, NodeId node) {
  const auto at = roles.find(node);
  return at == roles.end() ? NodeRole::broker : at->second;
}

bool dialled_by(const Peers& peers, const Ends& ends, const Roles& roles) {
  if (ends.listener == Listener::client) return peers.clients;
  // Who has not said yet which node it is, is a broker where only brokers dial.
  if (!ends.peer) return peers.brokers && ends.listener == Listener::replication;
  return includes(peers, *ends.peer, role_of(roles, *ends.peer));
}

}  // namespace

Reach reach(const NetworkRule& rule, const Ends& ends, const Roles& roles) {
  const bool in = rule.way != Way::out, out = rule.way != Way::in;
  if (rule.node == ends.node && dialled_by(rule.peers, ends, roles)) {
    return {.requests = in, .responses = out};
  }
  // Requests are the concern of who answers them.
  if (rule.requests || ends.peer != rule.node) return {};
  if (!includes(rule.peers, ends.node, role_of(roles, ends.node))) return {};
  return {.requests = out, .responses = in};
}

Bucket::Grant Bucket::grant(Instant at) {
  const std::lock_guard lock(mutex_);
  const double burst = std::max(static_cast<double>(rate_) * longest_burst_s, least_burst);
  if (last_ == Instant{}) last_ = at;
  if (at > last_) {
    tokens_ = std::min(burst, tokens_ + to_seconds(at - last_) * static_cast<double>(rate_));
    last_ = at;
  }
  // Small pieces would cost a wake-up each.
  const double least = std::min(burst / 4, least_burst);
  if (tokens_ >= least) return {.bytes = static_cast<std::size_t>(tokens_), .next = {}};
  const double wait_s = (least - tokens_) / static_cast<double>(std::max<std::uint64_t>(rate_, 1));
  const auto wait = std::chrono::duration_cast<nanoseconds>(std::chrono::duration<double>(wait_s));
  return {.bytes = 0, .next = at + wait + nanoseconds(1)};
}

void Bucket::take(std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  tokens_ -= static_cast<double>(bytes);
}

Fit ActiveRule::fit(const Partitions* partitions) const {
  if (!by_topic()) return Fit::yes;
  if (partitions == nullptr) return Fit::unknown;
  const RequestMatch& match = *rule.requests;
  Fit out = Fit::no;
  for (const AskedPartition& one : *partitions) {
    if (match.partition && *match.partition != one.partition) continue;
    if (one.id && !match.topic_id) out = Fit::unknown;
    else if (one.id ? *one.id == *match.topic_id : one.topic == match.topic) return Fit::yes;
  }
  return out;
}

bool ActiveRule::concerns(std::int16_t api, std::string_view client, Fit fits) const {
  if (!rule.requests) return false;
  const RequestMatch& match = *rule.requests;
  if (match.api && *match.api != api) return false;
  if (!client.starts_with(match.client)) return false;
  return !by_topic() || (names_partitions(api) && fits == Fit::yes);
}

bool ActiveRule::picks(std::int16_t api, std::string_view client, Fit fits) {
  if (!concerns(api, client, fits)) {
    if (fits == Fit::unknown && concerns(api, client, Fit::yes)) ++unread;
    return false;
  }
  const RequestMatch& match = *rule.requests;
  const std::uint64_t came = ++came_;
  if (came % std::max<std::uint64_t>(match.every, 1) != 0) return false;
  if (match.probability >= 1) return true;
  constexpr double range = 18446744073709551616.0;  // 2^64
  return static_cast<double>(mix(match.seed + came * golden_gamma)) < match.probability * range;
}

nanoseconds ActiveRule::draw_delay() {
  if (rule.jitter <= nanoseconds(0)) return rule.by;
  const auto width = static_cast<std::uint64_t>(2 * rule.jitter.count() + 1);
  const auto drawn = static_cast<std::int64_t>(mix(rule.seed + ++drawn_ * golden_gamma) % width);
  return std::max(nanoseconds(0), rule.by - rule.jitter + nanoseconds(drawn));
}

RuleBook::Edition RuleBook::current() const {
  const std::lock_guard lock(mutex_);
  return {.number = number_, .rules = rules_};
}

std::uint64_t RuleBook::publish(Rules rules) {
  rules_ = std::make_shared<const Rules>(std::move(rules));
  return ++number_;
}

std::uint64_t RuleBook::add(const std::shared_ptr<ActiveRule>& rule) {
  const std::lock_guard lock(mutex_);
  ever_.push_back(rule);
  Rules next = *rules_;
  next.push_back(rule);
  return publish(std::move(next));
}

std::uint64_t RuleBook::remove(Network::RuleId id) {
  const std::lock_guard lock(mutex_);
  Rules next = *rules_;
  if (std::erase_if(next, [id](const auto& rule) { return rule->id == id; }) == 0) return number_;
  return publish(std::move(next));
}

std::optional<RuleCounters> RuleBook::counted(Network::RuleId id) const {
  const std::lock_guard lock(mutex_);
  const auto at = std::ranges::find(ever_, id, [](const auto& rule) { return rule->id; });
  if (at == ever_.end()) return std::nullopt;
  return (*at)->counters();
}

}  // namespace seatrial::proxy
