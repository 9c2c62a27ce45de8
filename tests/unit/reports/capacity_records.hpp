// Records of searches for capacity: one with seven trials, one over an axis, one over two.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace seatrial::reports::test {

// A trial of `produce` with these p50 and p99 of response; service is three quarters of them.
inline nlohmann::json capacity_trial(const std::string& variant, double p50_ms, double p99_ms) {
  const auto latency = [&](double factor) {
    return nlohmann::json{
        {"count", 5000},
        {"percentiles",
         {{{"p", 50}, {"ns", static_cast<std::int64_t>(p50_ms * factor * 1e6)}},
          {{"p", 99}, {"ns", static_cast<std::int64_t>(p99_ms * factor * 1e6)}}}}};
  };
  return {{"variant", variant},
          {"status", "finished"},
          {"verdict", "pass"},
          {"workloads",
           {{{"name", "produce"},
             {"loop", "open"},
             {"totals", {{"intended", 5000}, {"acked", 5000}}},
             {"latency", {{"response", latency(1)}, {"service", latency(0.75)}}}}}}};
}

inline nlohmann::json tried_load(double per_s, std::size_t trial, const std::string& outcome,
                                 double achieved = 1) {
  return {{"per_s", per_s},
          {"outcome", outcome == "passed" ? "lower" : "upper"},
          {"trials",
           {{{"trial", trial},
             {"phase", "bracket"},
             {"outcome", outcome},
             {"offered_per_s", per_s},
             {"achieved_share", achieved},
             {"reasons", nlohmann::json::array()}}}}};
}

// Between 8,000/s and 8,400/s with p99 <= 20 ms; one trial of 2,000/s is invalid.
inline nlohmann::json capacity_record() {
  struct Row {
    double per_s, p50_ms, p99_ms;
    const char* outcome;
    double achieved;
  };
  constexpr Row rows[] = {{1000, 1, 2, "passed", 1},       {2000, 1, 90, "invalid", 1},
                          {2000, 1.2, 3, "passed", 1},     {4000, 1.5, 4, "passed", 1},
                          {8000, 3, 8, "passed", 1},       {8400, 6, 24, "failed", 1},
                          {16'000, 60, 200, "failed", 0.9}};
  nlohmann::json trials = nlohmann::json::array(), loads = nlohmann::json::array();
  for (const Row& row : rows) {
    trials.push_back(capacity_trial("base " + std::to_string(static_cast<int>(row.per_s)) + "/s",
                                    row.p50_ms, row.p99_ms));
    loads.push_back(tried_load(row.per_s, trials.size() - 1, row.outcome, row.achieved));
  }
  nlohmann::json record{{"schema", "seatrial.run/1"},
                        {"partial", false},
                        {"scenario", {{"name", "capacity"}}},
                        {"trials", trials},
                        {"verdict", {{"overall", "pass"}, {"reasons", {"an interval"}}}}};
  record["capacity"] = {
      {"slo", {"p99(produce.response) <= 20ms", "acked_lost == 0"}},
      {"workloads", {"produce"}},
      {"axes", nlohmann::json::array()},
      {"searches",
       {{{"name", "base"},
         {"axes", nlohmann::json::object()},
         {"outcome", "interval"},
         {"lower_per_s", 8000},
         {"upper_per_s", 8400},
         {"message_bytes", 256.0},
         {"bound", {{"name", "broker_cpu"}, {"text", "node 1 used 0.49 of its 0.5 cores"}}},
         {"notes", nlohmann::json::array()},
         {"loads", loads}}}}};
  return record;
}

inline nlohmann::json over_partitions() {
  nlohmann::json record = capacity_record();
  auto& capacity = record["capacity"];
  const nlohmann::json one = capacity["searches"][0];
  capacity["axes"] = {"partitions"};
  capacity["searches"] = nlohmann::json::array();
  for (const auto& [n, rate] : {std::pair{1, 20e3}, {2, 38e3}, {4, 66e3}, {8, 90e3}}) {
    nlohmann::json search = one;
    search["name"] = "partitions=" + std::to_string(n);
    search["axes"] = {{"partitions", std::to_string(n)}};
    search["lower_per_s"] = rate - 1000;
    search["upper_per_s"] = rate + 1000;
    capacity["searches"].push_back(std::move(search));
  }
  const auto coefficient = [](double value, double low, double high) {
    return nlohmann::json{{"value", value}, {"low", low}, {"high", high}};
  };
  nlohmann::json curve = nlohmann::json::array();
  for (int n = 1; n <= 16; ++n) {
    const double x = 19'963.5 * n / (1 + 0.02944 * (n - 1) + 0.01015 * n * (n - 1));
    curve.push_back({{"n", n}, {"per_s", x}, {"low", x * 0.95}, {"high", x * 1.05}});
  }
  capacity["scaling"] = {{"axis", "partitions"},
                         {"lambda", coefficient(19'999.6, 19e3, 21e3)},
                         {"sigma", coefficient(0.0294, 0.01, 0.05)},
                         {"kappa", coefficient(0.01015, 0.005, 0.015)},
                         {"leave_last_out", 0.017},
                         {"peak", 9},
                         {"furthest", 16},
                         {"curve", curve}};
  return record;
}

inline nlohmann::json map_of_two() {
  nlohmann::json record = over_partitions();
  auto& capacity = record["capacity"];
  capacity.erase("scaling");
  capacity["axes"] = {"partitions", "acks"};
  nlohmann::json searches = nlohmann::json::array();
  for (const char* acks : {"1", "all"}) {
    for (nlohmann::json search : capacity["searches"]) {
      search["axes"]["acks"] = acks;
      search["name"] = search["name"].get<std::string>() + " acks=" + acks;
      if (std::string(acks) == "all") {
        search["lower_per_s"] = search["lower_per_s"].get<double>() / 2;
        search["upper_per_s"] = search["upper_per_s"].get<double>() / 2;
      }
      searches.push_back(std::move(search));
    }
  }
  searches.back()["outcome"] = "at_least";
  searches.back()["lower_per_s"] = 40e3;
  capacity["searches"] = std::move(searches);
  return record;
}

}  // namespace seatrial::reports::test
