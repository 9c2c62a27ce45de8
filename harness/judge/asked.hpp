// What a scenario asks of each variant, and what its trials answer: the figures that cards and
// tables lead with.
#pragma once

#include <string>
#include <vector>

#include "core/metric.hpp"
#include "core/view.hpp"
#include "scenario/expectation.hpp"

namespace seatrial::judge {

// What `show` lists; without it each metric of the expectations once: first what only some variants
// must hold, for that is what the scenario compares, then what all must, losses last of these, and
// last what only shows that the trials put something to the test.
std::vector<MetricQuestion> asked(const std::vector<scenario::Expectation>& expectations,
                                  const std::vector<MetricQuestion>& show);

struct Answer {
  std::string question;  // as expectations write it
  std::string metric;    // alone, by which columns go; empty where the question says more
  std::string meaning;   // of the metric
  std::string observed;  // "0", "1,234 to 2,977 (3 trials)", "nothing"
  std::string why;       // of what is not known
};

// Of one variant's trials, in the order of the questions.
std::vector<Answer> answers(const std::vector<MetricQuestion>& questions,
                            const std::vector<View>& trials);

}  // namespace seatrial::judge
