// By totals, and by the series for what fell within measure.
#include "judge/load_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "client/lane.hpp"
#include "core/units.hpp"

namespace seatrial::judge {
namespace {

// A client that keeps up hands over all that falls due; what a fault delays is handed over late.
constexpr double least_share = 0.9;
// One transaction waits for that before it, also for one that shall hang: then the rest is late.
constexpr double least_share_of_transactions = 0.5;

// " (1,000 MSG_SIZE_TOO_LARGE, 3 _MSG_TIMED_OUT)": what the client was answered, most of it first.
std::string errors_text(const View& workload) {
  std::map<std::string, std::uint64_t> sums;
  for (const View& row : workload["errors"].items()) {
    sums[row["error"].text()] += row["count"].count();
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

std::string fatal_error_of(const View& workload) {
  for (const View& note : workload["notes"].items()) {
    if (note.text().starts_with(fatal_note)) return note.text();
  }
  return {};
}

std::optional<LoadDoubt> doubt_of_producer(const View& trial, const View& workload) {
  const std::string name = workload["name"].text();
  const View totals = workload["totals"];
  const auto intended = totals["intended"].count(), unsent = totals["unsent"].count();
  if (intended == 0) {
    return LoadDoubt{Verdict::invalid, "no message of workload '" + name +
                                           "' fell due: its rate is too low, or its times too "
                                           "late, for a trial of this length"};
  }
  const double least =
      totals["transactions_committed"].present() ? least_share_of_transactions : least_share;
  const auto handed = static_cast<double>(intended - unsent) / static_cast<double>(intended);
  if (handed < least) {
    const std::string sent_none =
        fmt::format("of {} messages of workload '{}' that fell due {} were never sent",
                    format_count(intended), name, format_count(unsent));
    const auto gave_up = fatal_error_of(workload);
    if (!gave_up.empty())
      return LoadDoubt{Verdict::unknown, sent_none + ", since its client gave up: " + gave_up};
    return LoadDoubt{Verdict::unknown,
                     fmt::format("{}: less than {:.0f} % of a load is another load; offer less, or "
                                 "use more lanes or a longer queue",
                                 sent_none, least * 100)};
  }
  const auto acked = totals["acked"].count(), sent = totals["sent"].count();
  const auto within = within_measure(trial, name);
  const bool none_within = within && within->intended > 0 && within->acked == 0 && sent == 0;
  if (acked + sent > 0 && !none_within) return std::nullopt;
  return LoadDoubt{Verdict::unknown, "workload '" + name + "' got no message " +
                                         (acked + sent > 0 ? "of measure " : "") + "acked" +
                                         errors_text(workload) + ": nothing was put to the test"};
}

// Unless one of the producers had a message due within measure, measure measured nothing.
std::optional<LoadDoubt> doubt_of_measure(const View& trial) {
  bool produces = false;
  for (const View& workload : trial["workloads"].items()) {
    if (!workload["totals"]["intended"].present()) continue;
    const auto within = within_measure(trial, workload["name"].text());
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

std::optional<WithinMeasure> within_measure(const View& trial, const std::string& workload) {
  for (const View& series : trial["series"].items()) {
    if (series["workload"].text() != workload) continue;
    WithinMeasure out;
    for (const View& point : series["points"].items()) {
      if (point["t_s"].number_or(-1.0) < 0) continue;
      out.intended += point["intended"].count();
      out.acked += point["acked"].count();
    }
    return out;
  }
  return std::nullopt;
}

std::vector<LoadDoubt> doubts_of_load(const View& trial) {
  std::vector<LoadDoubt> out;
  for (const View& workload : trial["workloads"].items()) {
    const View totals = workload["totals"];
    const std::string name = workload["name"].text();
    if (totals["intended"].present()) {
      if (auto doubt = doubt_of_producer(trial, workload)) out.push_back(std::move(*doubt));
    } else if (totals["consumed"].present() && totals["consumed"].count() == 0) {
      out.push_back({Verdict::unknown, "workload '" + name +
                                           "' was handed no message: nothing of it was put to "
                                           "the test"});
    }
  }
  if (auto doubt = doubt_of_measure(trial)) out.push_back(std::move(*doubt));
  return out;
}

}  // namespace seatrial::judge
