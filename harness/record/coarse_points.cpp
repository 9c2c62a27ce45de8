// A table of how each field is joined, and the joining.
#include "record/coarse_points.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <span>
#include <utility>

#include "core/view.hpp"
#include "measure/coarse_series.hpp"

namespace seatrial::record {
namespace {

using measure::Coarseness;
using nlohmann::json;

enum class How { sum, mean, most, least, last, by_node, latency, requests };

struct Rule {
  const char* field;
  How how;
  const char* extreme = nullptr;  // of a mean: where the most of any second is kept
};

constexpr Rule machine_rules[] = {{"busy", How::mean, "busy_max"},
                                  {"steal", How::mean, "steal_max"},
                                  {"cpu_pressure", How::mean},
                                  {"memory_pressure", How::mean},
                                  {"io_pressure", How::mean},
                                  {"disk_busy", How::mean},
                                  {"generator_cpu", How::mean},
                                  {"voluntary_switches", How::sum},
                                  {"involuntary_switches", How::sum},
                                  {"backpressure_ns", How::sum},
                                  {"throttle_ns", How::sum},
                                  {"unreplicated", How::most},
                                  {"behind", How::by_node},
                                  {"cached_bytes", How::last},
                                  {"dirty_bytes", How::most},
                                  {"generator_rss_bytes", How::most},
                                  {"hiccup_ns", How::most}};

constexpr Rule node_rules[] = {
    {"cpu", How::mean, "cpu_max"}, {"rss_bytes", How::most},     {"major_faults", How::sum},
    {"read_bytes", How::sum},      {"write_bytes", How::sum},    {"net_in_bytes", How::sum},
    {"net_out_bytes", How::sum},   {"flushes", How::sum},        {"under_replicated", How::most},
    {"isr_shrinks", How::sum},     {"request_queue", How::most}, {"handler_idle", How::mean},
    {"network_idle", How::mean},   {"requests", How::requests}};

constexpr Rule load_rules[] = {{"intended", How::sum},
                               {"acked", How::sum},
                               {"failed", How::sum},
                               {"unknown", How::sum},
                               {"consumed", How::sum},
                               {"done_acked", How::sum},
                               {"done_consumed", How::sum},
                               {"done_acked_least", How::least},
                               {"done_acked_most", How::most},
                               {"done_consumed_least", How::least},
                               {"done_consumed_most", How::most},
                               {"response", How::latency},
                               {"service", How::latency},
                               {"lateness", How::latency},
                               {"end_to_end", How::latency}};

double length_of(const json& point) { return point.value("length_s", 1.0); }

// Whole numbers stay whole; of shares the record has four places.
json mean(const json& a, double a_weight, const json& b, double b_weight) {
  const double weight = std::max(a_weight + b_weight, 1e-9);
  const double value = (a.get<double>() * a_weight + b.get<double>() * b_weight) / weight;
  if (a.is_number_integer() && b.is_number_integer()) return std::llround(value);
  return std::round(value * 1e4) / 1e4;
}

json sum(const json& a, const json& b) {
  if (a.is_number_unsigned() && b.is_number_unsigned())
    return a.get<std::uint64_t>() + b.get<std::uint64_t>();
  return a.get<std::int64_t>() + b.get<std::int64_t>();
}

json most_by_node(const json& a, const json& b) {
  std::map<std::int64_t, std::int64_t> most;
  for (const json* side : {&a, &b}) {
    for (const json& row : *side) {
      const auto [at, fresh] = most.try_emplace(row.at(0).get<std::int64_t>(), 0);
      at->second = std::max(at->second, row.at(1).get<std::int64_t>());
    }
  }
  json out = json::array();
  for (const auto& [node, messages] : most) out.push_back({node, messages});
  return out;
}

json join_latency(const json& a, const json& b) {
  return {{"count", sum(a.at("count"), b.at("count"))},
          {"max_ns", std::max(a.at("max_ns"), b.at("max_ns"))}};
}

// Means of so many requests, and the brokers' own percentiles.
json join_requests(const json& a, const json& b) {
  json out = a;
  for (const auto& [kind, later] : b.items()) {
    if (!out.contains(kind)) out[kind] = later;
    else
      for (auto& [field, value] : out[kind].items()) {
        if (!later.contains(field) || field == "count") continue;
        if (field == "total_p99_ns") value = std::max(value, later[field]);
        else
          value = mean(value, a[kind].value("count", 0.0), later[field], later.value("count", 0.0));
      }
    if (a.contains(kind) && a[kind].contains("count") && later.contains("count"))
      out[kind]["count"] = sum(a[kind]["count"], later["count"]);
  }
  return out;
}

json joined(How how, const json& a, double a_length, const json& b, double b_length) {
  switch (how) {
    case How::sum: return sum(a, b);
    case How::mean: return mean(a, a_length, b, b_length);
    case How::most: return std::max(a, b);
    case How::least: return std::min(a, b);
    case How::last: return b;
    case How::by_node: return most_by_node(a, b);
    case How::latency: return join_latency(a, b);
    case How::requests: return join_requests(a, b);
  }
  return b;
}

// The most of any second of either.
void keep_extreme(json& into, const json& later, const Rule& rule) {
  if (rule.extreme == nullptr) return;
  for (const json* side : {&std::as_const(into), &later}) {
    const char* from = side->contains(rule.extreme) ? rule.extreme : rule.field;
    if (!side->contains(from)) continue;
    if (!into.contains(rule.extreme) || into[rule.extreme] < side->at(from))
      into[rule.extreme] = json(side->at(from));
  }
}

// What only one of the two tells is of that one.
void join(json& into, const json& later, std::span<const Rule> rules) {
  const double length = length_of(into), later_length = length_of(later);
  for (const Rule& rule : rules) {
    keep_extreme(into, later, rule);
    if (!later.contains(rule.field)) continue;
    json& value = into[rule.field];
    value = value.is_null() ? later[rule.field]
                            : joined(rule.how, value, length, later[rule.field], later_length);
  }
  into["length_s"] = std::llround(length + later_length);
}

// Where the lists of seconds are split: a node's points are joined with its own.
std::int64_t part_of(const json& point) {
  const View node = View(point)["node"];
  return node.integer().value_or(0);
}

// Seconds since the start of measure where a fault or measure begins, or a fault has ended.
std::vector<std::int64_t> edges_of(const json& trial) {
  std::vector<std::int64_t> out{0};
  const View faults = View(trial)["faults"];
  for (const View& fault : faults.items()) {
    if (const auto from = fault["injected_s"].number())
      out.push_back(std::llround(std::floor(*from)));
    if (const auto to = fault["healed_s"].number())
      out.push_back(std::llround(std::floor(*to)) + 1);
  }
  return out;
}

bool is_point(const json& point) {
  if (!point.is_object() || !point.contains("t_s") || !point["t_s"].is_number_integer())
    return false;
  const auto length = point.value("length_s", json(1));
  if (point.contains("node") && !point["node"].is_number_integer()) return false;
  return length.is_number_integer() && length >= 1 && length <= std::int64_t{1} << 40;
}

using Parts = std::map<std::int64_t, measure::CoarseSeries<json>>;

Parts parted(json&& points, Coarseness coarseness, const std::vector<std::int64_t>& edges) {
  Parts parts;
  for (json& point : points) {
    const auto [part, fresh] = parts.try_emplace(part_of(point), coarseness);
    if (fresh)
      for (const std::int64_t edge : edges) part->second.edge(edge);
    part->second.put({.first = point["t_s"].get<std::int64_t>(),
                      .length = std::llround(length_of(point)),
                      .value = std::move(point)});
  }
  return parts;
}

// In order of time, and of nodes within a second.
json put_together(Parts& parts) {
  std::vector<json> all;
  for (auto& [part, series] : parts) {
    for (auto& [second, interval] : series.intervals()) all.push_back(std::move(interval.value));
  }
  std::ranges::stable_sort(all, {}, [](const json& p) { return p["t_s"].get<std::int64_t>(); });
  return json(std::move(all));
}

// What a stranger wrote may be no number, and end this anywhere: the points are all there then,
// too.
void join_parts(Parts& parts, std::span<const Rule> rules, json& points) {
  try {
    for (auto& [part, series] : parts) {
      series.coarsen([&](auto& into, const auto& later) { join(into.value, later.value, rules); });
    }
  } catch (const json::exception&) {
    points = put_together(parts);
    throw;
  }
  points = put_together(parts);
}

std::size_t coarsen(json& points, Coarseness coarseness, std::span<const Rule> rules,
                    const json& trial) {
  if (!std::ranges::all_of(points, is_point)) return coarseness.capacity;
  const std::size_t often = coarseness.capacity / 8;
  const bool joined = std::ranges::any_of(points, [](const json& p) { return length_of(p) > 1; });
  if (joined || most_of_a_part(points) > coarseness.capacity) {
    const auto edges = edges_of(trial);  // before the points, which are the trial's, are gone
    Parts parts = parted(std::move(points), coarseness, edges);
    join_parts(parts, rules, points);
  }
  const std::size_t most = std::min(coarseness.capacity, most_of_a_part(points));
  return std::min(coarseness.capacity - most + 1, often);
}

}  // namespace

std::size_t most_of_a_part(const json& points) {
  std::map<std::int64_t, std::size_t> sizes;
  std::size_t most = 0;
  for (const json& point : points) most = std::max(most, ++sizes[part_of(point)]);
  return most;
}

bool grows_by_second(const std::string& list) {
  return list == "machine" || list == "broker_series";
}

std::size_t coarsen_points(const std::string& list, json& points, const json& trial) {
  const std::span<const Rule> rules =
      list == "machine" ? std::span<const Rule>(machine_rules) : std::span<const Rule>(node_rules);
  return coarsen(points, {}, rules, trial);
}

void coarsen_load(json& points, const json& trial) {
  constexpr Coarseness twice{.capacity = 2 * Coarseness{}.capacity};
  if (points.size() > twice.capacity) coarsen(points, twice, load_rules, trial);
}

}  // namespace seatrial::record
