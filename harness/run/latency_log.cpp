// From series to hlog files.
#include "run/latency_log.hpp"

#include "measure/hlog.hpp"

namespace seatrial::run {
namespace {

using measure::Metric;

constexpr std::pair<Metric, const char*> tagged[] = {{Metric::response, "response"},
                                                     {Metric::service, "service"},
                                                     {Metric::lateness, "lateness"},
                                                     {Metric::end_to_end, "end_to_end"}};

// Readers skip intervals before the log's start, so it starts with the first second there is.
std::string to_hlog(const measure::Series& series, WallTime origin) {
  const std::int64_t first = series.seconds().begin()->first;
  std::string text = measure::hlog_header(origin + seconds(first));
  for (const auto& [second, delta] : series.seconds()) {
    for (const auto& [metric, tag] : tagged) {
      const measure::Histogram* histogram = delta.of(metric);
      if (histogram == nullptr || histogram->empty()) continue;
      text += measure::hlog_line(tag, seconds(second - first), seconds(1), *histogram);
    }
  }
  return text;
}

}  // namespace

void write_latency_logs(record::Journal& journal, int trial, const Lanes& lanes,
                        const Sampler& sampler, WallTime origin) {
  for (std::size_t i = 0; i < lanes.workloads().size(); ++i) {
    if (sampler.series(i).seconds().empty()) continue;
    const std::string name =
        "trial-" + std::to_string(trial) + "-" + lanes.workloads()[i].plan->name + ".hlog";
    journal.file(name, to_hlog(sampler.series(i), origin));
  }
}

}  // namespace seatrial::run
