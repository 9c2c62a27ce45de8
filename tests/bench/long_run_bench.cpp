// What an hour and a day of a thousand messages a second leave in memory and in the page, from
// made-up seconds through the real series, journal, record and page.
//
//   seatrial_bench --benchmark_filter=long_run
//
// Memory is what this process has grown by, at its most, since before the first second.
#include <benchmark/benchmark.h>
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "measure/machine.hpp"
#include "record/run_record.hpp"
#include "reports/page/page.hpp"
#include "support/synthetic_run.hpp"

namespace seatrial {
namespace {

namespace fs = std::filesystem;

double peak_megabytes() {
  std::ifstream in("/proc/self/status");
  std::string status{std::istreambuf_iterator<char>(in), {}};
  std::ranges::replace(status, '\t', ' ');
  return static_cast<double>(measure::parse_meminfo(status, "VmHWM").value_or(0)) / 1e6;
}

// The most from here on.
double reset_peak() {
  malloc_trim(0);
  std::ofstream("/proc/self/clear_refs") << "5";
  return peak_megabytes();
}

struct Folder {
  fs::path path = fs::temp_directory_path() / ("seatrial-long-" + std::to_string(::getpid()));
  Folder() {
    fs::remove_all(path);
    fs::create_directories(path);
  }
  ~Folder() { fs::remove_all(path); }
};

void long_run(benchmark::State& state) {
  for (auto _ : state) {
    const Folder folder;
    double before = reset_peak();
    {
      test::SyntheticRun run(folder.path, {.seconds = state.range(0), .messages = 1000});
      run.feed();
      const record::RunRecord record = run.journal().record();
      state.counters["run_MB"] = peak_megabytes() - before;
      const std::string page = reports::render_page(record.view());
      state.counters["page_MB"] = static_cast<double>(page.size()) / 1e6;
      state.counters["record_MB"] = static_cast<double>(record.text().size()) / 1e6;
      state.counters["with_page_MB"] = peak_megabytes() - before;
    }
    state.counters["journal_MB"] =
        static_cast<double>(fs::file_size(folder.path / "journal.jsonl")) / 1e6;
    before = reset_peak();
    const auto loaded = record::load_record(folder.path);
    if (!loaded) state.SkipWithError("its journal cannot be read");
    state.counters["load_MB"] = peak_megabytes() - before;
  }
}
BENCHMARK(long_run)->Arg(3600)->Arg(86'400)->Iterations(1)->Unit(benchmark::kSecond);

}  // namespace
}  // namespace seatrial
