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
constexpr std::array<Single, 6> singles{{
    {"kafka.server:type=BrokerTopicMetrics,name=BytesInPerSec", "Count", &BrokerMetrics::bytes_in},
    {"kafka.server:type=BrokerTopicMetrics,name=BytesOutPerSec", "Count",
     &BrokerMetrics::bytes_out},
    {"kafka.server:type=BrokerTopicMetrics,name=ReplicationBytesInPerSec", "Count",
     &BrokerMetrics::replication_in},
    {"kafka.server:type=BrokerTopicMetrics,name=ReplicationBytesOutPerSec", "Count",
     &BrokerMetrics::replication_out},
    {"kafka.log:type=LogFlushStats,name=LogFlushRateAndTimeMs", "Count", &BrokerMetrics::flushes},
    {"kafka.server:type=ReplicaManager,name=UnderReplicatedPartitions", "Value",
     &BrokerMetrics::under_replicated},
}};

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
  for (const Single& single : singles) all.push_back(read_of(single.bean, single.attribute));
  return all.dump();
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

}  // namespace

const std::string& broker_metrics_question() {
  static const std::string question = make_question();
  return question;
}

std::optional<BrokerMetrics> parse_broker_metrics(std::string_view answer) {
  const json all = json::parse(answer, nullptr, false);
  if (!all.is_array() || all.size() != request_kinds * request_parts + singles.size()) {
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
