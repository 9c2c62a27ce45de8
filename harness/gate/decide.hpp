// The decision of a regression gate: a candidate is measured against its baseline in pairs, and
// after each pair this says whether to go on or how it ends. It has one input and no memory: the
// pairs so far. Four ends, which must not be taken for each other:
//
//   pass          each metric: an effect of delta_max or more is ruled out
//   fail          some metric is worse, by no chance, and by delta or more as estimated
//   inconclusive  neither, after all looks; or the last look would hardly tell (futility)
//   invalid       too many void pairs, or the halves of pairs were not alike: nothing is said
//
// What is compared. The effect of a pair is ln(candidate/baseline), turned so that positive is
// worse. Its centre is estimated by Hodges and Lehmann, and tested by the exact signed rank:
// symmetric noise is all that is asked of the pairs, and drawing the order of their halves at
// random makes it so.
//
// How often it is wrong. The looks share alpha evenly. For a failure the metrics share that by
// Holm: a gate of equals fails with a probability of alpha at most, over all its looks and metrics.
// A pass needs every metric, which needs no sharing: a gate whose effect is delta_max passes with
// alpha at most. What would be both is a failure. With m metrics a failure needs m * 2^-n at most
// alpha / looks: after 10 pairs that is no more than three metrics, after 16 up to 218.
//
// Futility. If the last look, were the pairs to come as those seen, would pass or fail with less
// than futility_power together (for the metric that passes least, and the one that fails most), the
// gate ends as inconclusive. An early pass is the other half of futility: it needs no rule.
//
// Exact series (counts that no noise touches) come first and know no statistics: two pairs that
// exceed delta fail, if the estimate does too; a metric passes while its estimate is within delta
// and fewer than half of its pairs exceed it. A gate of exact series alone ends after two pairs.
//
// Slot effect: how much worse the second half of a pair is than the first, whichever build it runs.
// Balanced orders cancel it, yet it tells that the halves are not alike. It forbids a metric to
// pass or fail if it is above delta / 2, and Welch's test finds it at the level of the look, shared
// between the metrics by Holm: so at most alpha of gates are called invalid for no reason. So does
// an order that was in fewer than a quarter of the pairs: then nothing tells slot and build apart.
//
// Measured, 20,000 simulated gates for each figure (simulate.hpp; thresholds 5 and 10 %):
//
//   sigma of a pair                               0.05             0.10            0.20
//   equals that fail, most of five models         0.08 %           0.91 %          0.87 %
//   ... of normal, independent noise              0.04 %           0.56 %          0.54 %
//   10 % worse and failed (without slot effect)  99.4 % or more   82 to 90 %      20 to 33 %
//   pairs, normal equals                          10.3             14.6            13.1
//
// The most is that of halves that hang together (autocorrelation 0.5): what orders that are drawn
// by blocks leave of it makes pairs less independent than the test takes them to be. Futility costs
// power where noise is large: at 0.10 the last look alone would fail 93 % of what is 10 % worse.
// With a slot effect of 5 % and sigma 0.05, 35 % of gates end as invalid, and hardly any of the
// others are wrong, since balanced orders cancel it: 0.005 % of equals fail, and as few pass that
// are 10 % worse.
//
// Pure. A broken contract (no series, no looks, negative counts) is an InvariantBroken.
#pragma once

#include <string>
#include <vector>

#include "gate/rules.hpp"
#include "statistics/hodges_lehmann.hpp"

namespace seatrial::gate {

// One valid pair. `effect`: ln(candidate/baseline), its sign turned so that positive is worse.
struct PairEffect {
  int pair = 0;  // its number among those run; 0 is the first
  double effect = 0;
  bool candidate_first = false;
};

struct GatedSeries {
  std::string metric;
  Threshold threshold;
  std::vector<PairEffect> pairs;
  bool exact = false;
};

enum class Outcome { go_on, pass, fail, inconclusive, invalid };

[[nodiscard]] const char* name_of(Outcome outcome);  // "go on", "pass", ...

struct MetricDecision {
  std::string metric;
  Outcome outcome = Outcome::go_on;
  int pairs = 0;
  bool exact = false;
  Threshold threshold;
  statistics::Estimate estimate;    // ln, positive is worse
  double sigma = 0;                 // of a pair's effect, by the width of the interval
  double p_worse = 1;               // of "worse than 0"; 1 where not tested, as for exact series
  double p_adjusted = 1;            // the same, by Holm over the metrics that are tested
  double p_not_too_much_worse = 1;  // of "less than delta_max"
  double minimum_detectable = 0;    // a ratio, at 90 % power and after these pairs; may be infinite
  double slot_effect = 0;           // ln, second half less first, positive is worse
  bool slot_effect_vetoes = false;
  std::string reason;  // a sentence without a full stop
};

struct Decision {
  Outcome outcome = Outcome::go_on;
  std::vector<MetricDecision> metrics;  // of each series, at a look and at an end; else empty
  std::string reason;                   // one sentence; what is about one metric stands there
  int look = 0;                         // from 1; 0 where no look was due
};

// After every pair, void ones too. `pairs_void` of the `pairs_run` are in no series.
[[nodiscard]] Decision decide(const std::vector<GatedSeries>& series, const Rules& rules,
                              int pairs_run, int pairs_void);

}  // namespace seatrial::gate
