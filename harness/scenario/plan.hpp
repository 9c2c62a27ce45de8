// The plan: a scenario after defaults, matrix and seed are applied. Pure data, printable,
// replayable: the same scenario text, settings and seed give the same plan byte for byte anywhere.
// Built by `load`.
//
// Node ids are fixed by the plan's numbers alone: brokers are 1 to `brokers`, so that targets can
// be drawn before anything runs.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/cluster.hpp"
#include "core/metric.hpp"
#include "core/options.hpp"
#include "core/target.hpp"
#include "core/time.hpp"
#include "scenario/trigger.hpp"

namespace seatrial::scenario {

struct TopicPlan {
  std::string name;
  int partitions = 1;
  int replication = 1;
  std::map<std::string, std::string> config;
};

struct WorkloadPlan {
  std::string name;
  std::string kind;     // of Registry<Workload>
  Options options;      // by the kind's table: `topic`, `lanes`, `properties`, ... are in it
  // Of lanes that run with another librdkafka than this program's: which, as written, and what that
  // one says of Workload::client_properties. Empty: they run with ours.
  std::string client_library;
  std::map<std::string, std::string> client_properties{};
};

struct FaultPlan {
  std::string action;                   // of Registry<Fault>
  Options options;
  Target target;
  std::vector<NodeId> drawn;            // of one, minority, majority, all, broker(n); ascending
  Trigger trigger;
  std::optional<nanoseconds> heal_after;  // since injection; none: healed when measure ends
  std::string name{};                     // by which other triggers refer to it; empty: nobody does
};

// Load before measure: until it is steady (judge/steady.hpp), within these bounds.
struct WarmupPlan {
  nanoseconds at_least{std::chrono::seconds(5)};
  nanoseconds at_most{std::chrono::seconds(60)};  // not steady by then: no latency is judged
};

struct PhasesPlan {
  WarmupPlan warmup;
  nanoseconds measure{std::chrono::seconds(10)};
  nanoseconds settle{std::chrono::seconds(30)};   // budget for deliveries to settle after the end
  nanoseconds recover{std::chrono::seconds(60)};  // budget for full ISR after healing
  nanoseconds audit{std::chrono::seconds(120)};   // budget for reading every partition
};

enum class Over { each, any, sum };

// `FUNCTION(WORKLOAD.METRIC) OP VALUE` or `METRIC OP VALUE`, see expectation.hpp.
struct Expectation : MetricQuestion {
  std::string text;                          // as written, for the record
  // `control:` instead of `that:`: what shows that the trial put something to the test. Where it
  // does not hold the trial is invalid, and the others are not judged by it.
  bool control = false;
  Comparison comparison = Comparison::equal;
  double value = 0;                          // durations in nanoseconds, shares as fractions
  std::map<std::string, std::vector<std::string>> where;  // axis -> its values; empty: every trial
  Over over = Over::each;
  int line = 0, column = 0;
};

// Of a trial whose timeline was drawn by `chaos:`.
struct ChaosPlan {
  bool beyond = false;   // whether more may be broken at once than replication tolerates
  nanoseconds grace{0};  // that a failover may take
  // Since the start of measure: no more is broken than that, nor was a moment ago, so that messages
  // must be acked.
  std::vector<std::pair<nanoseconds, nanoseconds>> demanding;
};

struct TrialPlan {
  int index = 0;
  std::string variant;                       // "acks=1 linger=5"; "base" without a matrix
  std::map<std::string, std::string> axes;
  int repeat = 0;
  std::uint64_t seed = 0;
  ClusterSpec cluster;
  std::vector<TopicPlan> topics;
  std::vector<WorkloadPlan> workloads;
  std::vector<FaultPlan> timeline;           // `at` triggers first, in time order, then `after`
  std::optional<ChaosPlan> chaos;            // none: the timeline is as written
  PhasesPlan phases;
  bool full_history = false;                        // `history: full`: keep every operation
  std::vector<std::string> allowed_in_broker_logs;  // kinds of lines, or parts of their text
  // Of all names that the trial makes; empty where the cluster is its own.
  std::string prefix{};
};

// A metric that a gate compares; see gate/.
struct GatedMetric : MetricQuestion {
  std::string text;   // as written
  bool gates = true;  // false: it is shown and decides nothing
  // How much worse fails, and how much worse is not to be passed over, as shares: 0.05 is 5 %.
  // Nothing: by the metric.
  std::optional<double> delta, delta_max;
};

// `gate:`: two ways to run the scenario's one trial, and what is compared of them.
struct GatePlan {
  std::vector<std::string> baseline, candidate;  // `path=value` each, as of --set
  std::vector<GatedMetric> metrics;              // empty: by what the workloads do
  std::optional<nanoseconds> budget;             // for the whole gate
};

struct Plan {
  std::string name, title, hypothesis;
  std::string path;                          // as given on the command line
  std::string text;                          // the scenario file, for the record
  std::uint64_t seed = 0;
  std::vector<std::string> axes;             // names, in the order of the file
  std::vector<TrialPlan> trials;
  std::vector<Expectation> expectations;
  std::vector<MetricQuestion> show;          // what a reader sees first; empty: what is expected
  std::optional<GatePlan> gate;
  std::vector<std::string> warnings;         // each complete with file:line:column
  std::vector<std::string> settings;         // `path=value` of each --set, for the record
  // What `${env:...}` brought into `properties:` and `config:`: for no record, log or report.
  std::vector<std::string> secrets;
};

// `text` with every secret of the plan replaced by `***`.
std::string redact(const Plan& plan, std::string text);

}  // namespace seatrial::scenario
