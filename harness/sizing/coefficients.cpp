// The assumptions with their sources, and what replaces them from a run.
#include "sizing/coefficients.hpp"

#include <algorithm>
#include <set>

#include "core/counted.hpp"
#include "judge/metrics.hpp"

namespace seatrial::sizing {
namespace {

constexpr double gib = 1024.0 * 1024 * 1024;

// What a trial's brokers carried for each byte of payload.
struct Shape {
  double replication = 0;
  double groups = 0;
};

// Nothing where topics differ, as nobody says which of them carried how much.
std::optional<Shape> shape_of(const View& trial) {
  std::set<double> factors;
  for (const View& topic : trial["topics"].items())
    factors.insert(topic["replication"].number_or(0));
  if (factors.size() != 1 || *factors.begin() < 1) return std::nullopt;
  Shape out{.replication = *factors.begin()};
  for (const View& workload : trial["workloads"].items())
    if (workload["totals"]["consumed"].present()) ++out.groups;
  return out;
}

std::optional<double> asked(const View& trial, const std::string& metric) {
  const auto value = judge::measured({.function = {}, .workload = {}, .metric = metric}, trial);
  if (!value.known() || value.least <= 0) return std::nullopt;
  return value.least;
}

// Of one trial: megabytes a second as a core feels them (each written one, and the sent ones by
// their weight), and the cores that all brokers took.
struct Cost {
  double felt_mb_per_s = 0;
  double cores = 0;
};

std::optional<Cost> cost_of(const View& trial, double felt_per_mb) {
  const auto ns_per_mb = asked(trial, "broker_cpu_per_mb");
  double cores = 0;
  for (const View& node : trial["brokers"].items()) cores += node["cpu"].number_or(0);
  if (!ns_per_mb || cores <= 0) return std::nullopt;
  return Cost{.felt_mb_per_s = cores / (*ns_per_mb / 1e9) * felt_per_mb, .cores = cores};
}

// Least squares over the trials: brokers take CPU without any load, which more load does not ask
// for again. Nothing where the rates are too near to tell that apart.
std::optional<double> slope_of(const std::vector<Cost>& costs) {
  constexpr double apart = 1.5;
  const auto [least, most] = std::ranges::minmax_element(costs, {}, &Cost::felt_mb_per_s);
  if (most->felt_mb_per_s < apart * least->felt_mb_per_s) return std::nullopt;
  double mean_x = 0, mean_y = 0;
  for (const Cost& cost : costs) {
    mean_x += cost.felt_mb_per_s / static_cast<double>(costs.size());
    mean_y += cost.cores / static_cast<double>(costs.size());
  }
  double xx = 0, xy = 0;
  for (const Cost& cost : costs) {
    xx += (cost.felt_mb_per_s - mean_x) * (cost.felt_mb_per_s - mean_x);
    xy += (cost.felt_mb_per_s - mean_x) * (cost.cores - mean_y);
  }
  return xy > 0 ? std::optional(xy / xx) : std::nullopt;
}

void put_cpu(const std::vector<Cost>& costs, const std::string& run, Coefficient& out) {
  const Cost& most = *std::ranges::max_element(costs, {}, &Cost::felt_mb_per_s);
  const double whole = most.cores / most.felt_mb_per_s;
  const auto slope = slope_of(costs);
  out = {.few = slope ? std::min(*slope, whole) : whole,
         .many = whole,
         .source = run + ", " + counted(costs.size(), "trial") +
                   (slope ? ": what more load took; all at the highest rate"
                          : ": all at the highest rate, idle brokers' share included"),
         .measured = true};
}

void put_wire(const std::vector<double>& found, const std::string& run, Coefficient& out) {
  const auto [least, most] = std::ranges::minmax_element(found);
  out = {.few = *least,
         .many = *most,
         .source = run + ", " + counted(found.size(), "trial"),
         .measured = true};
}

}  // namespace

const std::array<CoefficientRow, 10>& coefficient_rows() {
  using C = Coefficients;
  using V = Values;
  static const std::array<CoefficientRow, 10> rows{{
      {"utilisation cap", "", &C::utilisation_cap, &V::utilisation_cap},
      {"free disk", "", &C::free_disk_share, &V::free_disk_share},
      {"CPU of a byte read", "of one written", &C::read_weight, &V::read_weight},
      {"CPU", "s/MB written", &C::cpu_s_per_mb, &V::cpu_s_per_mb},
      {"wire", "bytes/payload byte", &C::wire_per_payload, &V::wire_per_payload},
      {"page cache", "s of writes", &C::cached_s, &V::cached_s},
      {"heap", "bytes", &C::heap_bytes, &V::heap_bytes},
      {"a partition carries", "bytes/s", &C::partition_bytes_per_s, &V::partition_bytes_per_s},
      {"replicas of a broker", "at most", &C::replicas_per_broker, &V::replicas_per_broker},
      {"open segment", "bytes", &C::segment_bytes, &V::segment_bytes},
  }};
  return rows;
}

Coefficients assumed() {
  return {
      .utilisation_cap = {0.7, 0.5, "70 % is a common rule, 50 % where peaks are not known"},
      .free_disk_share = {0.2, 0.4, "a full disk ends a broker; retention deletes late"},
      .read_weight = {0.25, 0.25, "Google Cloud's planning page: reading is four times cheaper"},
      .cpu_s_per_mb = {0.025, 0.05, "Google Cloud's planning page: 20 MB/s a core; or half of it"},
      .wire_per_payload = {1.03, 1.15, "headers of batches and records of 1 KiB, or of 100 B"},
      .cached_s = {30, 120, "Kafka's documentation: 30 s of writes; four times that for late ones"},
      .heap_bytes = {4 * gib, 8 * gib, "usual heaps of brokers"},
      .partition_bytes_per_s = {10e6, 5e6, "the order that Kafka's authors give: tens of MB/s"},
      .replicas_per_broker = {4000, 1000, "4,000 by Kafka's authors, 1,000 by hosts of Kafka"},
      .segment_bytes = {gib, gib, "Kafka's default of log.segment.bytes"},
  };
}

Values values_at(const Coefficients& coefficients, End end) {
  Values out;
  for (const auto& row : coefficient_rows()) {
    const Coefficient& of = coefficients.*row.coefficient;
    out.*row.value = end == End::few ? of.few : of.many;
  }
  return out;
}

Result<std::vector<std::string>> take_measured(const View& record, const std::string& run,
                                               Coefficients& coefficients) {
  std::vector<Cost> cpu;
  std::vector<double> wire;
  for (const View& trial : record["trials"].items()) {
    if (!trial["status"].is("finished")) continue;
    const auto shape = shape_of(trial);
    if (!shape) continue;
    const double sent = shape->groups + shape->replication - 1;
    const double felt = shape->replication + sent * coefficients.read_weight.few;
    if (const auto cost = cost_of(trial, felt)) cpu.push_back(*cost);
    if (const auto bytes = asked(trial, "network_per_byte"))
      wire.push_back(std::max(*bytes / (shape->replication + sent), 1.0));
  }
  std::vector<std::string> lacks;
  if (!cpu.empty()) put_cpu(cpu, run, coefficients.cpu_s_per_mb);
  else lacks.push_back("CPU: " + run + " did not record its brokers' CPU");
  if (!wire.empty()) put_wire(wire, run, coefficients.wire_per_payload);
  else lacks.push_back("wire: " + run + " did not record its brokers' network");
  if (cpu.empty() && wire.empty()) {
    return Error{run +
                     " tells neither what its brokers' CPU nor what their network did, in no trial "
                     "that finished and has one replication factor",
                 "name a run on local brokers, as of scenarios/capacity/replication.yaml"};
  }
  return lacks;
}

}  // namespace seatrial::sizing
