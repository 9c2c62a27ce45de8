// By totals, and by the series for what fell within measure.
#include "judge/load_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/units.hpp"

namespace seatrial::judge {
namespace {

using nlohmann::json;

// A client that keeps up hands over all that falls due; what a fault delays is handed over late.
constexpr double least_share = 0.9;
// One transaction waits for that before it, also for one that shall hang: then the rest is late.
constexpr double least_share_of_transactions = 0.5;

std::uint64_t number(const json& object, const char* key) {
  return object.value(key, std::uint64_t{0});
}

// " (1,000 MSG_SIZE_TOO_LARGE, 3 _MSG_TIMED_OUT)": what the client was answered, most of it first.
std::string errors_text(const json& workload) {
  std::map<std::string, std::uint64_t> sums;
  for (const auto& row : workload.value("errors", json::array())) {
    sums[row.value("error", "")] += row.value("count", std::uint64_t{0});
  }
  std::vector<std::pair<std::uint64_t, std::string>> order;
  for (const auto& [name, count] : sums) order.emplace_back(count, name);
  std::ranges::stable_sort(order, std::greater{}, &std::pair<std::uint64_t, std::string>::first);
  std::string out;
  for (const auto& [count, name] : order) {
    out += (out.empty() ? " (" : ", ") + format_count(count) + " " + name;
  }
  return out.empty() ? "" : out + ")";
}

std::optional<LoadDoubt> doubt_of_producer(const json& trial, const json& workload) {
  const std::string name = workload.value("name", "");
  const json totals = workload.value("totals", json::object());
  const auto intended = number(totals, "intended"), unsent = number(totals, "unsent");
  if (intended == 0) {
    return LoadDoubt{Verdict::invalid, "no message of workload '" + name +
                                           "' fell due: its rate is too low, or its times too "
                                           "late, for a trial of this length"};
  }
  const double least =
      totals.contains("transactions_committed") ? least_share_of_transactions : least_share;
  const auto handed = static_cast<double>(intended - unsent) / static_cast<double>(intended);
  if (handed < least) {
    return LoadDoubt{
        Verdict::unknown,
        fmt::format("of {} messages of workload '{}' that fell due {} were never sent: less than "
                    "{:.0f} % of a load is another load; offer less, or use more lanes or a "
                    "longer queue",
                    format_count(intended), name, format_count(unsent), least * 100)};
  }
  const auto acked = number(totals, "acked"), sent = number(totals, "sent");
  const auto within = within_measure(trial, name);
  const bool none_within = within && within->intended > 0 && within->acked == 0 && sent == 0;
  if (acked + sent > 0 && !none_within) return std::nullopt;
  return LoadDoubt{Verdict::unknown, "workload '" + name + "' got no message " +
                                         (acked + sent > 0 ? "of measure " : "") + "acked" +
                                         errors_text(workload) + ": nothing was put to the test"};
}

// Unless one of the producers had a message due within measure, measure measured nothing.
std::optional<LoadDoubt> doubt_of_measure(const json& trial) {
  bool produces = false;
  for (const auto& workload : trial.value("workloads", json::array())) {
    if (!workload.contains("/totals/intended"_json_pointer)) continue;
    const auto within = within_measure(trial, workload.value("name", ""));
    if (!within || within->intended > 0) return std::nullopt;
    produces = true;
  }
  return LoadDoubt{Verdict::invalid,
                   produces ? "no message fell due within measure: the load ended before it, or "
                              "its rate is too low for it"
                            : "no workload produces, and every trial's topics are new: there was "
                              "nothing to read"};
}

}  // namespace

std::optional<WithinMeasure> within_measure(const json& trial, const std::string& workload) {
  for (const auto& series : trial.value("series", json::array())) {
    if (series.value("workload", "") != workload) continue;
    WithinMeasure out;
    for (const auto& point : series.value("points", json::array())) {
      if (point.value("t_s", -1.0) < 0) continue;
      out.intended += number(point, "intended");
      out.acked += number(point, "acked");
    }
    return out;
  }
  return std::nullopt;
}

std::vector<LoadDoubt> doubts_of_load(const json& trial) {
  std::vector<LoadDoubt> out;
  for (const auto& workload : trial.value("workloads", json::array())) {
    const json totals = workload.value("totals", json::object());
    const std::string name = workload.value("name", "");
    if (totals.contains("intended")) {
      if (auto doubt = doubt_of_producer(trial, workload)) out.push_back(std::move(*doubt));
    } else if (totals.contains("consumed") && number(totals, "consumed") == 0) {
      out.push_back({Verdict::unknown, "workload '" + name +
                                           "' was handed no message: nothing of it was put to "
                                           "the test"});
    }
  }
  if (auto doubt = doubt_of_measure(trial)) out.push_back(std::move(*doubt));
  return out;
}

}  // namespace seatrial::judge
