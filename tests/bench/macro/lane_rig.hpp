// One lane by itself, with the ledger, recorder, counters and clock that a trial would give it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "client/workload.hpp"
#include "ledger/group.hpp"
#include "ledger/ledger.hpp"
#include "measure/availability.hpp"
#include "measure/recorder.hpp"

namespace seatrial::bench {

struct LaneRig {
  LaneRig(const std::string& bootstrap, const std::string& topic, int partitions,
          std::map<std::string, std::string> properties)
      : ledger({{.lane = LaneId(0),
                 .workload = "bench",
                 .topic = topic,
                 .partitions = static_cast<std::uint32_t>(partitions)}}),
        lane(ledger.lane(0)),
        availability(all_of(topic, partitions)),
        group({.workload = "bench", .group = "bench", .topic = topic, .partitions = partitions}) {
    context.workload = "bench";
    context.bootstrap = bootstrap;
    context.topic = topic;
    context.partitions = partitions;
    context.trial_tag = trial_tag;
    context.seed = 1;
    context.properties = std::move(properties);
    context.clock = &clock;
    context.counters = &counters;
    context.recorder = &recorder;
    context.availability = &availability;
    context.ledger = &lane;
    context.group = &group;
  }

  // To be called when the lane is ready: the trial starts now and may last an hour. What is meant
  // to be sent within `warmup` is in no histogram.
  void start(nanoseconds warmup = {}) {
    clock.start_ns = to_ns(now());
    clock.measure_ns = clock.start_ns + warmup.count();
    clock.intend_until_ns = clock.start_ns + nanoseconds(std::chrono::hours(1)).count();
    recorder.set_origin(clock.measure_ns);
    recorder.set_measure(clock.measure_ns, clock.intend_until_ns);
  }

  static constexpr std::uint32_t trial_tag = 0x5ea7;
  TrialClock clock;
  LaneCounters counters;
  measure::LaneRecorder recorder{0};
  ledger::Ledger ledger;
  ledger::LaneLedger lane;
  measure::Availability availability;
  ledger::GroupLedger group;
  LaneContext context;

 private:
  static std::vector<TopicPartition> all_of(const std::string& topic, int partitions) {
    std::vector<TopicPartition> out;
    for (int p = 0; p < partitions; ++p) out.push_back({topic, p});
    return out;
  }
};

}  // namespace seatrial::bench
