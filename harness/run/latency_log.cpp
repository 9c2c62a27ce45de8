// From seconds to lines, and back.
#include "run/latency_log.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <utility>

#include "core/units.hpp"
#include "measure/hlog.hpp"

namespace seatrial::run {
namespace {

using measure::Histogram;
using measure::Metric;

constexpr std::pair<Metric, const char*> tagged[] = {{Metric::response, "response"},
                                                     {Metric::service, "service"},
                                                     {Metric::lateness, "lateness"},
                                                     {Metric::end_to_end, "end_to_end"}};

const char* tag_of(Metric metric) {
  return std::ranges::find(tagged, metric, &std::pair<Metric, const char*>::first)->second;
}

// "Tag=response,12.000,1.000,...": the second, if the line has this tag.
std::optional<std::int64_t> second_of(const std::string& line, const std::string& begin) {
  if (!line.starts_with(begin)) return std::nullopt;
  const auto start =
      parse_number(line.substr(begin.size(), line.find(',', begin.size()) - begin.size()));
  if (!start) return std::nullopt;
  return std::llround(*start);
}

}  // namespace

void LatencyLog::add(const measure::SecondDelta& second) {
  if (!first_) first_ = second.second;
  // A time that a damaged message told may lie before the log's: it has no place but the first.
  const std::int64_t since = std::max<std::int64_t>(0, second.second - *first_);
  for (const auto& [metric, tag] : tagged) {
    const Histogram* const histogram = second.of(metric);
    if (histogram == nullptr || histogram->empty()) continue;
    lines_ += measure::hlog_line(tag, seconds(since), seconds(1), *histogram);
  }
}

void LatencyLog::write(WallTime origin) {
  if (!first_) return;
  std::string lines = std::exchange(lines_, {});
  // Readers skip intervals before the log's start, so it starts with the first second there is.
  if (!std::exchange(begun_, true)) {
    journal_.file(name_, measure::hlog_header(origin + seconds(*first_)) + lines);
  } else if (!lines.empty()) {
    journal_.extend(name_, std::move(lines));
  }
}

std::optional<Histogram> read_latency_log(const std::filesystem::path& log, std::int64_t first,
                                          Metric metric, const measure::Series::Include& include) {
  std::ifstream in(log, std::ios::binary);
  if (!in) return std::nullopt;
  const std::string begin = std::string("Tag=") + tag_of(metric) + ",";
  Histogram sum = Histogram::coarse();
  for (std::string line; std::getline(in, line);) {
    const auto since = second_of(line, begin);
    if (!since || !include(first + *since)) continue;
    const auto histogram = measure::decode(std::string_view(line).substr(line.rfind(',') + 1));
    if (!histogram || histogram->config() != sum.config()) return std::nullopt;
    sum.add(*histogram);
  }
  return sum;
}

}  // namespace seatrial::run
