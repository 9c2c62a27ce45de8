// The beans by name, and the arithmetic of running totals.
#include "run/broker_metrics.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace seatrial::run {
namespace {

using nlohmann::json;

constexpr std::array<std::pair<const char*, const char*>, request_kinds> kinds{
    {{"Produce", "produce"},
     {"FetchConsumer", "fetch_consumer"},
     {"FetchFollower", "fetch_follower"}}};
constexpr std::array<std::pair<const char*, const char*>, request_parts> parts{
    {{"TotalTimeMs", "total"},
     {"RequestQueueTimeMs", "queue"},
     {"LocalTimeMs", "local"},
     {"RemoteTimeMs", "remote"},
     {"ResponseQueueTimeMs", "response_queue"},
     {"ResponseSendTimeMs", "response_send"},
     {"ThrottleTimeMs", "throttle"}}};
struct Single {
  const char* bean;
  const char* attribute;
  std::uint64_t BrokerMetrics::*field;
};
constexpr std::array<Single, 8> singles{{
    {"kafka.server:type=BrokerTopicMetrics,name=BytesInPerSec", "Count", &BrokerMetrics::bytes_in},
    {"kafka.server:type=BrokerTopicMetrics,name=BytesOutPerSec", "Count",
     &BrokerMetrics::bytes_out},
    {"kafka.server:type=BrokerTopicMetrics,name=ReplicationBytesInPerSec", "Count",
     &BrokerMetrics::replication_in},
    {"kafka.server:type=BrokerTopicMetrics,name=ReplicationBytesOutPerSec", "Count",
     &BrokerMetrics::replication_out},
    {"kafka.log:type=LogFlushStats,name=LogFlushRateAndTimeMs", "Count", &BrokerMetrics::flushes},
    {"kafka.server:type=ReplicaManager,name=IsrShrinksPerSec", "Count",
     &BrokerMetrics::isr_shrinks},
    {"kafka.network:type=RequestChannel,name=RequestQueueSize", "Value",
     &BrokerMetrics::request_queue},
    {"kafka.server:type=ReplicaManager,name=UnderReplicatedPartitions", "Value",
     &BrokerMetrics::under_replicated},
}};
// Nanoseconds that each request handler was idle, and that each network thread waited for something
// to do: counts, exact over any interval. The broker's own shares are means of a minute or of half
// one, and of a young broker they are wrong: it counts time before its start as busy.
constexpr const char* handler_bean =
    "kafka.server:type=KafkaRequestHandlerPool,name=RequestHandlerAvgIdlePercent";
constexpr const char* network_beans = "kafka.server:type=socket-server-metrics,*";
constexpr const char* network_wait = "io-wait-time-ns-total";

json read_of(const std::string& bean, json attribute) {
  return {{"type", "read"}, {"mbean", bean}, {"attribute", std::move(attribute)}};
}

std::string make_question() {
  json all = json::array();
  for (const auto& [kind, kind_name] : kinds) {
    for (const auto& [part, part_name] : parts) {
      all.push_back(read_of(
          std::string("kafka.network:type=RequestMetrics,name=") + part + ",request=" + kind,
          {"Count", "Mean", "99thPercentile"}));
    }
  }
  all.push_back(read_of(handler_bean, "Count"));
  all.push_back(read_of(network_beans, json::array({network_wait})));
  for (const Single& single : singles) all.push_back(read_of(single.bean, single.attribute));
  return all.dump();
}

std::optional<double> told(const json& value) {
  if (!value.is_number()) return std::nullopt;
  return value.get<double>();
}

double number(const json& value) { return value.is_number() ? value.get<double>() : 0; }

// What a broker tells may be anything; what we tell are figures.
std::int64_t rounded(double value) {
  constexpr double most = 0x1p61;                              // so that the sum of two has a sign
  return value > 0 ? std::llround(std::min(value, most)) : 0;  // 0 of what is no number, too
}

std::uint64_t whole(const json& value) {
  return static_cast<std::uint64_t>(rounded(number(value)));
}

json field(const json& value, const char* name) {
  return value.is_object() ? value.value(name, json()) : json();
}

std::uint64_t grown(std::uint64_t from, std::uint64_t to) { return to - std::min(from, to); }

std::int64_t ns_of_ms(double ms) { return rounded(ms * 1e6); }

std::int64_t mean_ns(const BrokerMetrics::Requests& from, const BrokerMetrics::Requests& to,
                     std::size_t part, std::uint64_t count) {
  return ns_of_ms((to.parts[part].sum_ms - from.parts[part].sum_ms) / static_cast<double>(count));
}

// By bean: one for each thread of each listener.
std::map<std::string, double> network_waits(const json& beans) {
  std::map<std::string, double> out;
  if (!beans.is_object()) return out;
  for (const auto& [bean, attributes] : beans.items()) {
    if (const auto ns = told(field(attributes, network_wait))) out[bean] = *ns;
  }
  return out;
}

std::string listener_of(const std::string& bean) {
  constexpr std::string_view key = "listener=";
  const auto at = bean.find(key);
  return at == bean.npos ? "" : bean.substr(at, bean.find(',', at) - at);
}

// Of the listener whose threads had least: of the others most serve nobody.
std::optional<double> network_idle(const BrokerMetrics& from, const BrokerMetrics& to,
                                   double length_ns) {
  std::map<std::string, std::pair<double, int>> listeners;
  for (const auto& [bean, ns] : to.network_idle_ns) {
    const auto before = from.network_idle_ns.find(bean);
    if (before == from.network_idle_ns.end()) continue;
    auto& [sum, threads] = listeners[listener_of(bean)];
    sum += ns - before->second;
    ++threads;
  }
  std::optional<double> least;
  for (const auto& [name, idle] : listeners) {
    if (length_ns <= 0) continue;
    const double share = idle.first / idle.second / length_ns;
    least = std::min(least.value_or(share), share);
  }
  return least;
}

// Meters of threads that begin and end do not add up exactly.
void put_share(json& point, const char* key, double share) {
  if (std::isfinite(share)) point[key] = std::round(std::clamp(share, 0.0, 1.0) * 1e4) / 1e4;
}

}  // namespace

const std::string& broker_metrics_question() {
  static const std::string question = make_question();
  return question;
}

std::optional<BrokerMetrics> parse_broker_metrics(std::string_view answer) {
  const json all = json::parse(answer, nullptr, false);
  constexpr std::size_t shares = 2;
  if (!all.is_array() || all.size() != request_kinds * request_parts + shares + singles.size()) {
    return std::nullopt;
  }
  BrokerMetrics out;
  std::size_t next = 0;
  for (std::size_t k = 0; k < request_kinds; ++k) {
    for (std::size_t p = 0; p < request_parts; ++p) {
      const json value = field(all[next++], "value");
      const std::uint64_t count = whole(field(value, "Count"));
      // Every part has a count of its own; a request under way may be in one and not yet in
      // another.
      if (p == 0) out.requests[k].count = count;
      out.requests[k].parts[p] = {
          .sum_ms = number(field(value, "Mean")) * static_cast<double>(count),
          .p99_ms = number(field(value, "99thPercentile"))};
    }
  }
  out.handler_idle_ns = told(field(all[next++], "value"));
  out.network_idle_ns = network_waits(field(all[next++], "value"));
  for (const Single& single : singles) out.*single.field = whole(field(all[next++], "value"));
  return out;
}

void add_metrics(const BrokerMetrics& from, const BrokerMetrics& to, json& point) {
  point["net_in_bytes"] =
      grown(from.bytes_in, to.bytes_in) + grown(from.replication_in, to.replication_in);
  point["net_out_bytes"] =
      grown(from.bytes_out, to.bytes_out) + grown(from.replication_out, to.replication_out);
  point["flushes"] = grown(from.flushes, to.flushes);
  point["under_replicated"] = to.under_replicated;
  point["isr_shrinks"] = grown(from.isr_shrinks, to.isr_shrinks);
  point["request_queue"] = to.request_queue;
  const auto length_ns = static_cast<double>(to_ns(to.at) - to_ns(from.at));
  if (from.handler_idle_ns && to.handler_idle_ns && length_ns > 0)
    put_share(point, "handler_idle", (*to.handler_idle_ns - *from.handler_idle_ns) / length_ns);
  if (const auto idle = network_idle(from, to, length_ns)) put_share(point, "network_idle", *idle);
  for (std::size_t k = 0; k < request_kinds; ++k) {
    const std::uint64_t count = grown(from.requests[k].count, to.requests[k].count);
    if (count == 0) continue;
    json row{{"count", count}, {"total_p99_ns", ns_of_ms(to.requests[k].parts[0].p99_ms)}};
    for (std::size_t p = 0; p < request_parts; ++p) {
      row[std::string(parts[p].second) + "_ns"] =
          mean_ns(from.requests[k], to.requests[k], p, count);
    }
    point["requests"][kinds[k].second] = std::move(row);
  }
}

json request_times(const BrokerMetrics& from, const BrokerMetrics& to) {
  json out = json::object();
  for (std::size_t k = 0; k < request_kinds; ++k) {
    const std::uint64_t count = grown(from.requests[k].count, to.requests[k].count);
    if (count == 0) continue;
    json row{{"count", count}};
    for (std::size_t p = 0; p < request_parts; ++p) {
      row[parts[p].second] = {{"mean_ns", mean_ns(from.requests[k], to.requests[k], p, count)},
                              {"p99_ns", ns_of_ms(to.requests[k].parts[p].p99_ms)}};
    }
    out[kinds[k].second] = std::move(row);
  }
  return out;
}

}  // namespace seatrial::run
