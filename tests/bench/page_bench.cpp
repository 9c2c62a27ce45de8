// What the page of a run costs by its number of trials: time and bytes, which are to grow by little
// more than what is said of each trial.
#include <benchmark/benchmark.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "record/run_record.hpp"
#include "reports/page/page.hpp"

namespace seatrial::reports {
namespace {

using nlohmann::json;

// The quickstart's two trials, over and over.
record::RunRecord record_of(std::int64_t trials) {
  std::ifstream file(SEATRIAL_ROOT "/tests/golden/reports/quickstart.run.json");
  json run = json::parse(file);
  const json kept = run["trials"];
  run["trials"] = json::array();
  for (std::int64_t i = 0; i < trials; ++i) {
    json trial = kept[static_cast<std::size_t>(i) % kept.size()];
    trial["index"] = i;
    trial["repeat"] = i / 2;
    run["trials"].push_back(std::move(trial));
  }
  std::vector<std::string> taken_out;
  auto read = record::RunRecord::read(run.dump(), taken_out);
  return read ? std::move(*read) : record::RunRecord();
}

void page_of_trials(benchmark::State& state) {
  const auto record = record_of(state.range(0));
  std::size_t bytes = 0;
  for (auto _ : state) {
    const auto text = render_page(record);
    bytes = text.size();
    benchmark::DoNotOptimize(text.data());
  }
  state.counters["bytes"] = static_cast<double>(bytes);
  state.SetComplexityN(state.range(0));
}
BENCHMARK(page_of_trials)
    ->Arg(1)
    ->Arg(10)
    ->Arg(100)
    ->Arg(200)
    ->Arg(1000)
    ->Complexity()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace seatrial::reports
