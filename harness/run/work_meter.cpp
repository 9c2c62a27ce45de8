// Counters of lanes, by second.
#include "run/work_meter.hpp"

#include <algorithm>
#include <cmath>

#include "core/units.hpp"

namespace seatrial::run {
namespace {

std::string property(const std::map<std::string, std::string>& properties, const char* name) {
  const auto at = properties.find(name);
  return at == properties.end() ? "" : at->second;
}

judge::Loop loop_of(const Workload& workload) {
  if (!workload.traits().produces) return judge::Loop::reading;
  return workload.offered_rate() > 0 ? judge::Loop::open : judge::Loop::closed;
}

const std::string& topic_of(const WorkloadRun& run) { return run.plan->options.text("topic"); }

}  // namespace

WorkMeter::WorkMeter(const Lanes& lanes, const std::vector<measure::Series>& series)
    : lanes_(lanes) {
  for (const auto& run : lanes.workloads()) {
    const auto properties = client_properties(*run.plan, *run.workload);
    const double linger_ms = parse_number(property(properties, "linger.ms")).value_or(0);
    loads_.push_back({.name = run.plan->name,
                      .loop = loop_of(*run.workload),
                      .answered = property(properties, "acks") != "0",
                      .linger = nanoseconds(std::llround(linger_ms * 1e6)),
                      .work = {},
                      .series = &series[loads_.size()]});
    // Readers of committed messages are never given those of aborted transactions.
    comparable_.push_back(run.workload->traits().produces || !run.group ||
                          !run.group->history().read_committed);
  }
}

std::uint64_t WorkMeter::produced(const std::string& topic) const {
  std::uint64_t sum = 0;
  for (const auto& run : lanes_.workloads()) {
    if (!run.workload->traits().produces || topic_of(run) != topic) continue;
    sum += lanes_.total(run, &LaneCounters::acked) + lanes_.total(run, &LaneCounters::sent);
  }
  return sum;
}

// A lane that is held up in the middle of something counts what falls due only afterwards: then the
// schedule tells, as far as chance allows.
std::uint64_t WorkMeter::due_of(const WorkloadRun& run, Instant at) const {
  const std::uint64_t counted = lanes_.total(run, &LaneCounters::due);
  const nanoseconds since = at - from_ns(lanes_.clock().start_ns);
  double scheduled = run.workload->offered_messages(since);
  if (run.plan->options.has("count") && run.plan->options.integer("count") > 0)
    scheduled = std::min(scheduled, static_cast<double>(run.plan->options.integer("count")));
  scheduled -= 3 * std::sqrt(std::max(scheduled, 0.0));
  return std::max(counted, static_cast<std::uint64_t>(std::max(scheduled, 0.0)));
}

judge::Work WorkMeter::work_of(std::size_t workload, Instant at) const {
  const WorkloadRun& run = lanes_.workloads()[workload];
  judge::Work work;
  if (loads_[workload].loop == judge::Loop::reading) {
    work.settled = lanes_.total(run, &LaneCounters::consumed);
    work.due = comparable_[workload] ? produced(topic_of(run)) : work.settled;
  } else {
    for (const auto counter : {&LaneCounters::acked, &LaneCounters::failed, &LaneCounters::unknown,
                               &LaneCounters::sent}) {
      work.settled += lanes_.total(run, counter);
    }
    work.due = loads_[workload].loop == judge::Loop::open ? due_of(run, at) : work.settled;
  }
  work.least_open = work.due - std::min(work.due, work.settled);
  return work;
}

void WorkMeter::look() {
  const Instant at = now();
  if (at < from_ns(lanes_.clock().start_ns)) return;
  const std::int64_t second =
      std::chrono::floor<seconds>(at - from_ns(lanes_.clock().origin_ns)).count();
  for (std::size_t i = 0; i < loads_.size(); ++i) {
    auto& seen = loads_[i].work;
    judge::Work work = work_of(i, at);
    if (!seen.empty()) {
      // A machine that stood still skips seconds; nothing is known of them but what was before.
      const judge::Work last = *seen.find(seen.last());
      while (seen.last() < second - 1) seen[seen.last() + 1] = last;
      if (const judge::Work* const same = seen.find(second))
        work.least_open = std::min(work.least_open, same->least_open);
    }
    seen[second] = work;
  }
}

}  // namespace seatrial::run
