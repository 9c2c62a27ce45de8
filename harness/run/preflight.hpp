// Whether an external cluster lets a scenario do what it will do: each right is tried once, on
// names of its own, and what is missing is told with what it costs and how it is given. Takes
// seconds.
//
// What is made is removed again; if nothing may be deleted, nothing is made.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "core/cluster.hpp"
#include "kafka/probe.hpp"
#include "scenario/plan.hpp"

namespace seatrial::run {

// In the order in which they are tried.
enum class Right {
  connect,
  delete_topics,
  delete_groups,
  create_topics,
  describe_topics,
  describe_brokers,
  write,
  transactions,
  read_log,
  join_groups,
};

// stops: the scenario cannot run without. costs: it runs, and something is not known.
enum class Weight { stops, costs };

struct RightText {
  Right right;
  const char* name;    // "create topics"
  const char* needed;  // as kafka-acls.sh takes it, after --operation; empty: no such right
  const char* cost;    // of its absence
  Weight weight;
};
[[nodiscard]] const RightText& text_of(Right right);

struct Check {
  Right right{};
  enum class State { ok, missing, failed, not_tried } state = State::ok;
  std::string found;  // what the cluster answered, or why it was not tried
  friend bool operator==(const Check&, const Check&) = default;
};

// What an attempt's answer says of a right: refused for want of it is `missing`; what else went
// wrong is `failed`. Of a deletion, that there is no such thing is well. Pure.
[[nodiscard]] Check judge_attempt(Right right, const kafka::Tried& tried);

struct Preflight {
  std::vector<Check> checks;
  int brokers = 0;
  std::vector<std::string> features;  // requests that the scenario needs and a broker lacks
  milliseconds throttled{0};          // the longest that an attempt was made to wait by quotas
  std::vector<std::string> left;      // what could not be removed
  nanoseconds took{0};
};

// Requests that the workloads of a trial send beside those that every broker answers: by their key
// in the protocol, with what they are for.
struct Feature {
  std::int16_t api = 0;
  const char* name = "";
  const char* what_for = "";
};
[[nodiscard]] std::vector<Feature> features_of(const scenario::TrialPlan& trial);

// `trial` has its prefix already (names.hpp).
[[nodiscard]] Preflight preflight(const scenario::TrialPlan& trial, Instant deadline,
                                  const std::stop_token& stop);

// 0: all is well. 2: it would run, and something is missing. 4: it cannot run.
[[nodiscard]] int exit_code(const Preflight& result);
// `prefix`: of the names that rights have to cover.
[[nodiscard]] std::string to_text(const Preflight& result, const std::string& prefix);
// The first of what stops it, in a sentence; empty if nothing does.
[[nodiscard]] std::string why_not(const Preflight& result);

}  // namespace seatrial::run
