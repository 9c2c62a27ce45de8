// Expectations without their right sides, evaluated over one variant.
#include "judge/asked.hpp"

#include <algorithm>
#include <utility>

#include "judge/metrics.hpp"

namespace seatrial::judge {
namespace {

using scenario::Expectation;

int rank(const Expectation& e) {
  if (!e.where.empty()) return 0;
  if (e.control) return 3;
  return e.metric == "acked_lost" ? 2 : 1;
}

}  // namespace

std::vector<MetricQuestion> asked(const std::vector<Expectation>& expectations,
                                  const std::vector<MetricQuestion>& show) {
  if (!show.empty()) return show;
  std::vector<MetricQuestion> out;
  for (const int wanted : {0, 1, 2, 3}) {
    for (const Expectation& e : expectations) {
      const MetricQuestion& question = e;
      if (rank(e) == wanted && std::ranges::find(out, question) == out.end())
        out.push_back(question);
    }
  }
  return out;
}

std::vector<Answer> answers(const std::vector<MetricQuestion>& questions,
                            const std::vector<View>& trials) {
  std::vector<scenario::TrialMetrics> metrics;
  for (const View& trial : trials) {
    metrics.push_back(
        {.axes = {}, .value = [&trial](const Expectation& e) { return measured(e, trial); }});
  }
  std::vector<Answer> out;
  for (const MetricQuestion& question : questions) {
    Expectation anything;
    static_cast<MetricQuestion&>(anything) = question;
    auto evaluated = scenario::evaluate(anything, metrics);
    const bool alone = question.function.empty() && question.workload.empty();
    out.push_back({.question = scenario::question_text(question),
                   .metric = alone ? question.metric : "",
                   .meaning = scenario::find_metric(question.metric)->help,
                   .observed = std::move(evaluated.observed),
                   .why = std::move(evaluated.why)});
  }
  return out;
}

}  // namespace seatrial::judge
