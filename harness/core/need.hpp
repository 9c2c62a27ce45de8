// What a trial must have before a metric can say anything of it. Each metric, fact and checker
// names its own, so that a scenario's expectation that nothing can decide is found before anything
// starts: when each is met, and what is said where it is not, stands in scenario/decidable.cpp,
// which does not compile without.
#pragma once

namespace seatrial {

enum class Need {
  nothing,
  acks,                 // the load is acked: not acks=0
  no_acks,              // acks=0
  members,              // of a group, share groups included
  ownership,            // members that own partitions
  order,                // readers with order and offsets: no share group
  transactions,         // the workload's own
  transactions_beside,  // any workload's
  keys,                 // the workload's, to follow
  compaction,           // of its topic
  retention,            // of its topic, or of the brokers
  processes,            // brokers that are processes
  jmx,                  // of those, ones that can be asked for their own counts
};

}  // namespace seatrial
