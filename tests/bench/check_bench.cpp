// What `seatrial check` needs for a history of ten million operations: time of reading and judging,
// and the peak of resident memory. Half of the operations send, one message or four, half poll
// them; a quarter of the sends are transactions. Run with `seatrial bench
// --benchmark_filter=check`; figures hold for the machine they were taken on. The lines are made
// while they are read, so that no disk is timed.
#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include <algorithm>
#include <istream>
#include <streambuf>
#include <string>
#include <vector>

#include "operations/judge.hpp"
#include "operations/reader.hpp"

namespace {

using namespace seatrial::operations;

// Lines of a valid history, a block of operations at a time.
class Lines final : public std::streambuf {
 public:
  Lines(std::int64_t operations, std::int64_t sends)
      : left_(operations), sends_(sends), ends_(keys) {}
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  static constexpr int keys = 64;
  static constexpr int processes = 32;

  int_type underflow() override {
    text_.clear();
    for (int n = 0; n < 1000 && left_ > 0; n += 2, left_ -= 2) two_operations();
    if (text_.empty()) return traits_type::eof();
    bytes_ += text_.size();
    setg(text_.data(), text_.data(), text_.data() + text_.size());
    return traits_type::to_int_type(text_.front());
  }

  void line(std::int64_t process, const char* type, const char* f, const std::string& value) {
    text_ += "{\"index\":" + std::to_string(index_) + ",\"time\":" + std::to_string(index_ * 1000) +
             ",\"process\":" + std::to_string(process) + ",\"type\":\"" + type + "\",\"f\":\"" + f +
             "\",\"value\":[" + value + "]}\n";
    ++index_;
  }

  // A send of some messages of one key and their poll, of whichever of both kinds.
  void two_operations() {
    const std::int64_t turn = value_ / sends_;
    const auto key = static_cast<std::size_t>(turn % keys);
    const std::string k = std::to_string(key);
    std::string invoked, done, pairs;
    for (std::int64_t n = 0; n < sends_; ++n, ++value_) {
      const std::string comma = n == 0 ? "" : ",", v = std::to_string(value_);
      const std::string pair = "[" + std::to_string(ends_[key]++) + "," + v + "]";
      invoked += comma + "[\"send\"," + k + "," + v + "]";
      done += comma + "[\"send\"," + k + "," + pair + "]";
      pairs += comma + pair;
    }
    const std::int64_t process = turn % processes;
    const char* f = turn % 4 == 0 ? "txn" : "send";
    line(process, "invoke", f, invoked);
    line(process, "ok", f, done);
    line(processes + process, "invoke", "poll", "[\"poll\"]");
    line(processes + process, "ok", "poll", "[\"poll\",{\"" + k + "\":[" + pairs + "]}]");
  }

  std::int64_t left_, sends_, index_ = 0, value_ = 0;
  std::size_t bytes_ = 0;
  std::vector<std::int64_t> ends_;
  std::string text_;
};

void check_history(benchmark::State& state) {
  for (auto _ : state) {
    Lines lines(state.range(0), state.range(1));
    std::istream in(&lines);
    const auto history = read_history(in, "bench");
    if (!history || judge(*history, {}).validity != Validity::valid) {
      state.SkipWithError("the history is valid");
      return;
    }
    state.counters["lines_MB"] = static_cast<double>(lines.bytes()) / 1e6;
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  state.counters["peak_MB"] = static_cast<double>(usage.ru_maxrss) / 1e3;
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(check_history)
    ->Args({100'000, 1})
    ->Args({10'000'000, 1})
    ->Args({10'000'000, 4})
    ->Unit(benchmark::kMillisecond)
    ->Iterations(1);

}  // namespace
