// The equations, resource by resource.
#include "sizing/equations.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace seatrial::sizing {
namespace {

constexpr double megabyte = 1e6;

double peak_of(const Demand& demand) { return demand.ingress_bytes_per_s * (1 + demand.growth); }

double average_of(const Demand& demand) {
  const double now =
      demand.average_bytes_per_s > 0 ? demand.average_bytes_per_s : demand.ingress_bytes_per_s;
  return now * (1 + demand.growth);
}

// Brokers, or 1.0000000001 of one, are as many as they are meant to be.
double whole(double brokers) { return std::ceil(brokers - 1e-9); }

std::vector<Share> used_by(const Load& load, const Machine& machine, double brokers) {
  return {{"disk", load.disk_bytes_per_s / (brokers * machine.disk_bytes_per_s)},
          {"network in", load.network_in_bytes_per_s / (brokers * machine.network_bytes_per_s)},
          {"network out", load.network_out_bytes_per_s / (brokers * machine.network_bytes_per_s)},
          {"CPU", load.cpu_cores / (brokers * machine.cores)}};
}

State state_of(std::string name, double brokers, const Load& load, const Machine& machine) {
  return {.name = std::move(name), .brokers = brokers, .used = used_by(load, machine, brokers)};
}

double partitions_of(const Demand& demand, const Values& values) {
  if (demand.partitions > 0) return demand.partitions;
  return std::max(1.0, whole(peak_of(demand) / values.partition_bytes_per_s));
}

// All that is kept: what retention holds, and a segment that each replica still writes to.
double stored_bytes(const Demand& demand, const Values& values, double partitions) {
  const double kept = average_of(demand) * demand.retention_s * demand.replication;
  return (kept + partitions * demand.replication * values.segment_bytes) /
         (1 - values.free_disk_share);
}

std::vector<Bound> bounds_of(const Demand& demand, const Machine& machine, const Values& values,
                             double partitions, const Load& load) {
  std::vector<Bound> out;
  for (const Share& used : used_by(load, machine, 1))
    out.push_back({used.resource, used.of_one / values.utilisation_cap + demand.tolerate});
  const double cache = load.disk_bytes_per_s * values.cached_s;
  out.push_back({"memory", cache / (machine.memory_bytes - values.heap_bytes) + demand.tolerate});
  out.push_back({"replicas", partitions * demand.replication / values.replicas_per_broker});
  if (machine.storage_bytes > 0) {
    out.push_back({"storage", stored_bytes(demand, values, partitions) / machine.storage_bytes});
  }
  out.push_back({"replication", demand.replication + demand.tolerate});
  return out;
}

void add_states(const Demand& demand, const Machine& machine, Estimate& out) {
  const auto add = [&](std::string name, double gone) {
    if (out.brokers - gone < 1) return;  // of a small cluster that is there
    out.states.push_back(state_of(std::move(name), out.brokers - gone, out.load, machine));
  };
  add("all brokers up", 0);
  add("one down, or restarting in turn", 1);
  if (demand.tolerate > 1)
    add(fmt::format("{:.0f} down, as tolerated", demand.tolerate), demand.tolerate);
  if (demand.tolerate > 0)
    add(fmt::format("{:.0f} down during a rolling restart", demand.tolerate), demand.tolerate + 1);
}

// What is left over is what catches up.
void add_catching_up(const Demand& demand, const Machine& machine, Estimate& out) {
  const double peak = peak_of(demand);
  out.carries_bytes_per_s = peak / out.states.front().most().of_one;
  out.catch_up_s = peak * demand.outage_s / (out.carries_bytes_per_s - peak);
  const double own = out.load.disk_bytes_per_s / out.brokers;
  const double own_wire = out.load.network_in_bytes_per_s / out.brokers;
  const double most = std::min(machine.disk_bytes_per_s,
                               machine.network_bytes_per_s * own / std::max(own_wire, 1e-9));
  out.refill_s = most > own ? own * demand.outage_s / (most - own) : -1;
}

}  // namespace

const Share& State::most() const { return *std::ranges::max_element(used, {}, &Share::of_one); }

std::optional<Error> problem(const Demand& demand) {
  const auto wrong = [](std::string what, std::string hint) {
    return Error{std::move(what), std::move(hint)};
  };
  if (demand.ingress_bytes_per_s <= 0)
    return wrong("nothing comes in", "--ingress takes bytes a second at peak, as 50MB/s");
  if (demand.average_bytes_per_s > demand.ingress_bytes_per_s)
    return wrong("the average is above the peak", "--ingress is the peak; lower --average");
  if (demand.replication < 1) return wrong("replication is below 1", "--replication 3 is usual");
  if (demand.groups < 0) return wrong("groups are below 0", "--groups 0 is the fewest");
  if (demand.retention_s <= 0)
    return wrong("nothing is kept", "--retention takes a time above 0, as 7d");
  if (demand.tolerate < 0) return wrong("tolerate is below 0", "--tolerate 0 is the fewest");
  if (demand.tolerate >= demand.replication) {
    return wrong(fmt::format("with {:.0f} replicas, {:.0f} brokers down may be all that hold a "
                             "message",
                             demand.replication, demand.tolerate),
                 fmt::format("--tolerate {:.0f} at most, or --replication {:.0f}",
                             demand.replication - 1, demand.tolerate + 1));
  }
  if (demand.growth <= -1) return wrong("growth leaves nothing", "--growth 30% is 30 % more");
  if (demand.brokers > 0 && demand.brokers < demand.replication)
    return wrong(fmt::format("{:.0f} brokers cannot hold {:.0f} replicas", demand.brokers,
                             demand.replication),
                 "raise --brokers, or leave it out to have them counted");
  return std::nullopt;
}

std::optional<Error> problem(const Machine& machine) {
  if (machine.cores > 0 && machine.disk_bytes_per_s > 0 && machine.network_bytes_per_s > 0 &&
      machine.memory_bytes > 0)
    return std::nullopt;
  return Error{"machine " + machine.name + " lacks cores, disk, network or memory above 0",
               "write it as in cores=8,disk=250MB/s,network=1.25GB/s,memory=64GiB"};
}

Load load_of(const Demand& demand, const Values& values) {
  const double peak = peak_of(demand);
  const double sent = demand.groups + demand.replication - 1;
  return {.disk_bytes_per_s = peak * demand.replication,
          .network_in_bytes_per_s = peak * demand.replication * values.wire_per_payload,
          .network_out_bytes_per_s = peak * sent * values.wire_per_payload,
          .cpu_cores = peak / megabyte * values.cpu_s_per_mb *
                       (demand.replication + sent * values.read_weight)};
}

Result<Estimate> estimate(const Demand& demand, const Machine& machine, const Values& values) {
  if (const auto wrong = problem(demand)) return *wrong;
  if (const auto wrong = problem(machine)) return *wrong;
  if (machine.memory_bytes <= values.heap_bytes) {
    return Error{fmt::format("machine {} has no memory beside a heap of {:.0f} GiB", machine.name,
                             values.heap_bytes / (1 << 30)),
                 "give it more memory: the page cache is what readers are served from"};
  }
  Estimate out;
  out.load = load_of(demand, values);
  out.partitions = partitions_of(demand, values);
  out.bounds = bounds_of(demand, machine, values, out.partitions, out.load);
  const Bound& largest = *std::ranges::max_element(out.bounds, {}, &Bound::brokers);
  out.binding = largest.resource;
  const double needed = whole(largest.brokers);
  out.brokers = demand.brokers > 0 ? demand.brokers : needed;
  // Each broker shall lead one, or what it has is of no use.
  if (demand.partitions == 0) out.partitions = std::max(out.partitions, out.brokers);
  out.storage_bytes = stored_bytes(demand, values, out.partitions);
  out.storage_bytes_per_broker = out.storage_bytes / out.brokers;
  out.memory_bytes_per_broker =
      values.heap_bytes +
      out.load.disk_bytes_per_s * values.cached_s / std::max(out.brokers - demand.tolerate, 1.0);
  add_states(demand, machine, out);
  const Share& most = out.states.front().most();
  if (most.of_one >= 1) {
    return Error{fmt::format("{:.0f} brokers never catch up: {} is asked for {:.0f} % of what "
                             "there is with all of them up",
                             out.brokers, most.resource, most.of_one * 100),
                 fmt::format("--brokers {:.0f} is the fewest that hold with --tolerate {:.0f}",
                             needed, demand.tolerate)};
  }
  add_catching_up(demand, machine, out);
  return out;
}

}  // namespace seatrial::sizing
