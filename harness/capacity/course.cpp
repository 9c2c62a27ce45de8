// From trials to searches to the record.
#include "capacity/course.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "capacity/answer.hpp"
#include "capacity/bound.hpp"
#include "capacity/scaling.hpp"
#include "core/check.hpp"
#include "core/counted.hpp"

namespace seatrial::capacity {
namespace {

using nlohmann::json;

bool has_ended(const View& trial) {
  const bool done = trial["status"].is("finished") || trial["status"].is("error");
  return done && trial["verdict"].present();
}

// It is to run once more, and says nothing of its load.
bool was_interrupted(const View& trial) { return trial["error"].is("interrupted"); }

void put(json& out, const char* key, const std::optional<double>& value) {
  if (value) out[key] = *value;
}

json describe_seen(const SearchState& state, std::size_t index) {
  const Seen& seen = state.seen[index];
  json reasons = json::array(), targets = json::array();
  for (const Reason& reason : seen.reasons)
    reasons.push_back({{"name", reason.name}, {"text", reason.text}});
  for (const TargetSeen& target : seen.targets) {
    json row{{"that", target.that}, {"held", target.held}};
    put(row, "value", target.value);
    targets.push_back(std::move(row));
  }
  json out{{"trial", state.trials[index]},
           {"phase", to_string(state.phases[index])},
           {"outcome", to_string(seen.outcome)},
           {"reasons", std::move(reasons)},
           {"targets", std::move(targets)}};
  put(out, "offered_per_s", seen.offered_per_s);
  put(out, "achieved_share", seen.achieved_share);
  put(out, "error_share", seen.error_share);
  put(out, "lag_slope", seen.lag_slope);
  put(out, "lag_slope_high", seen.lag_slope_high);
  put(out, "brokers_cpu", seen.brokers_cpu);
  put(out, "generator_cpu", seen.generator_cpu);
  return out;
}

json describe_load(const SearchState& state, const Load& load) {
  json trials = json::array();
  for (const std::size_t index : load.trials) trials.push_back(describe_seen(state, index));
  return {{"per_s", load.per_s},
          {"outcome", to_string(load.outcome())},
          {"contested", load.contested()},
          {"trials", std::move(trials)}};
}

const Load* load_at(const std::vector<Load>& loads, const std::optional<double>& per_s) {
  if (!per_s) return nullptr;
  const auto at = std::ranges::find(loads, *per_s, &Load::per_s);
  return at == loads.end() ? nullptr : &*at;
}

std::vector<std::size_t> places_of(const SearchState& state, const Load* load) {
  std::vector<std::size_t> out;
  if (load == nullptr) return out;
  for (const std::size_t index : load->trials) out.push_back(state.trials[index]);
  return out;
}

// Of the trials at the lower bound, the means of what brokers and generator used.
json describe_shared(const SearchState& state, const Load& lower, int cores) {
  double brokers = 0, generator = 0;
  int known = 0;
  for (const std::size_t index : lower.trials) {
    const Seen& seen = state.seen[index];
    if (!seen.brokers_cpu || !seen.generator_cpu) continue;
    brokers += *seen.brokers_cpu;
    generator += *seen.generator_cpu;
    ++known;
  }
  if (known == 0) return nullptr;
  return {{"cores", cores}, {"brokers_cpu", brokers / known}, {"generator_cpu", generator / known}};
}

int lanes_of(const SearchState& state, const View& record) {
  double lanes = 0;
  if (state.trials.empty()) return 0;
  for (const View& workload : record["trials"].at(state.trials.back())["workloads"].items()) {
    if (state.base->searched.rates_per_s.contains(workload["name"].text()))
      lanes += workload["lanes"].number_or(0);
  }
  return static_cast<int>(lanes);
}

std::string soak_outcome(const Load& soak) {
  return soak.passed > 0 ? "passed" : soak.failed + soak.generator > 0 ? "failed" : "undecided";
}

json describe_search(const Setting& setting, const SearchState& state, const View& record) {
  const Answer answer = state.search.answer();
  const auto loads = state.search.loads();
  const int cores = static_cast<int>(record["environment"]["cores"].number_or(0));
  const Load* lower = load_at(loads, answer.lower_per_s);
  const Bound bound = bound_between(record, places_of(state, lower),
                                    places_of(state, load_at(loads, answer.upper_per_s)),
                                    answer.ended_by_generator);
  json out{{"name", state.base->name},
           {"axes", state.base->axes},
           {"phase", to_string(state.search.phase())},
           {"outcome", to_string(answer.outcome)},
           {"reason", answer_text(state, bound)},
           {"notes", notes_of(state)},
           {"message_bytes", state.base->searched.message_bytes},
           {"ended_by_generator", answer.ended_by_generator},
           {"drifted", answer.drifted},
           {"loads", json::array()}};
  put(out, "lower_per_s", answer.lower_per_s);
  put(out, "upper_per_s", answer.upper_per_s);
  for (const Load& load : loads) out["loads"].push_back(describe_load(state, load));
  if (answer.lower_per_s && (answer.upper_per_s || answer.ended_by_generator)) {
    out["bound"] = {{"name", bound.name}, {"text", bound.text}, {"evidence", bound.evidence}};
  }
  if (auto needs = generator_needs(state, lanes_of(state, record), cores); !needs.empty())
    out["generator_needs"] = std::move(needs);
  if (answer.soak) {
    out["soak"] = {{"per_s", answer.soak->per_s}, {"outcome", soak_outcome(*answer.soak)}};
  }
  if (setting.shared_machine && lower != nullptr) {
    if (auto shared = describe_shared(state, *lower, cores); !shared.is_null()) {
      out["notes"].push_back(shared_text(cores, shared.at("brokers_cpu").get<double>(),
                                         shared.at("generator_cpu").get<double>()));
      out["shared"] = std::move(shared);
    }
  }
  return out;
}

// Nothing was found, of any search.
bool found_nothing(const std::vector<SearchState>& searches) {
  return std::ranges::none_of(searches, [](const SearchState& state) {
    return state.search.answer().lower_per_s.has_value();
  });
}

bool all_answered(const std::vector<SearchState>& searches) {
  return std::ranges::all_of(searches, [](const SearchState& state) {
    const auto outcome = state.search.answer().outcome;
    return outcome == Outcome::interval || outcome == Outcome::at_least;
  });
}

bool any_soak_failed(const std::vector<SearchState>& searches) {
  return std::ranges::any_of(searches, [](const SearchState& state) {
    const auto soak = state.search.answer().soak;
    return soak && soak_outcome(*soak) == "failed";
  });
}

}  // namespace

json describe_setting(const Setting& setting) {
  const Base& first = setting.bases.front();
  json slo = json::array(), workloads = json::array(), measure = json::object();
  for (const auto& target : first.pass.targets) slo.push_back(target.text);
  for (const auto& [name, per_s] : first.searched.rates_per_s) workloads.push_back(name);
  for (const Phase phase :
       {Phase::bracket, Phase::bisect, Phase::confirm, Phase::retest, Phase::soak})
    measure[to_string(phase)] = to_seconds(measure_of(first.trial, phase));
  json out{{"slo", std::move(slo)},
           {"workloads", std::move(workloads)},
           {"rates_per_s", first.searched.rates_per_s},
           {"axes", setting.axes},
           {"settings", setting.settings},
           {"width_share", first.rules.width},
           {"soak_share", first.rules.soak_share},
           {"most_trials", most_trials(setting)},
           {"most_s", most_seconds(setting)},
           {"measure_s", std::move(measure)},
           {"fresh_brokers", setting.fresh_brokers}};
  if (setting.budget_s > 0) out["budget_s"] = setting.budget_s;
  return out;
}

json describe(const Setting& setting, const std::vector<SearchState>& searches,
              const View& record) {
  json out = describe_setting(setting);
  out["searches"] = json::array();
  for (const SearchState& state : searches)
    out["searches"].push_back(describe_search(setting, state, record));
  if (json scaling = scaling_of(View(out)); !scaling.is_null()) out["scaling"] = std::move(scaling);
  return out;
}

std::optional<std::string> not_the_same(const View& record, const Setting& setting) {
  const View before = record["capacity"];
  if (!before) return "it is no capacity run";
  const json now = describe_setting(setting);
  const auto differs = [&](const char* key) {
    return before[key].json() != (now.contains(key) ? now[key].dump() : std::string("null"));
  };
  if (differs("slo")) return "it had other targets (--slo)";
  if (differs("axes") || differs("settings")) return "it had other --over or --set";
  if (differs("budget_s")) return "it had another --budget, which its searches go by";
  if (differs("width_share")) return "it had another --width";
  if (differs("measure_s") || differs("rates_per_s")) return "its scenario was another one";
  return std::nullopt;
}

CapacityCourse::CapacityCourse(Setting setting) : setting_(std::move(setting)) {
  check(!setting_.bases.empty(), "a capacity run has a search");
  for (const Base& base : setting_.bases) searches_.emplace_back(base);
}

SearchState* CapacityCourse::current() {
  const auto at = std::ranges::find_if(
      searches_, [](const SearchState& state) { return state.search.next().has_value(); });
  return at == searches_.end() ? nullptr : &*at;
}

void CapacityCourse::catch_up(const View& record) {
  for (; taken_ < record["trials"].size(); ++taken_) {
    const View trial = record["trials"].at(taken_);
    if (!has_ended(trial) || was_interrupted(trial)) return;
    SearchState* state = current();
    if (state == nullptr) return;
    if (trial["refused"].boolean().value_or(false)) {
      state->refused = trial["error"].text();
      state->search.stop();
      continue;
    }
    const Phase phase = state->search.phase();
    Seen seen = seen_in(trial, state->base->pass);
    state->trials.push_back(taken_);
    state->phases.push_back(phase);
    // What broke off took as long as such a trial may.
    const double most_s = state->base->rules.cost_s[static_cast<std::size_t>(phase)];
    state->search.take(seen.outcome, seen.took_s > 0 ? std::min(seen.took_s, most_s) : most_s);
    state->seen.push_back(std::move(seen));
  }
}

void CapacityCourse::begin(record::Journal& journal) {
  const record::RunRecord record = journal.record();
  catch_up(record.view());
  journal.run({{"capacity", describe(setting_, searches_, record.view())}});
}

void CapacityCourse::adapt(scenario::TrialPlan& trial) {
  const SearchState* state = current();
  check(state != nullptr, "a trial is asked for while a search goes on");
  const Ask ask = *state->search.next();
  const Base& base = *state->base;
  const int index = trial.index;
  const auto seed = trial.seed;
  trial = at_load(base.trial, base.searched, ask);
  trial.index = index;
  trial.seed = seed;
  trial.axes = base.axes;
  trial.axes["rate"] = rate_text(ask.per_s);
  trial.variant = (base.axes.empty() ? "" : base.name + " ") + trial.axes["rate"];
  const auto tried = state->search.loads();
  const Load* before = load_at(tried, ask.per_s);
  trial.repeat = before == nullptr ? 0 : static_cast<int>(before->trials.size());
}

bool CapacityCourse::keeps(const View& trial) const {
  return has_ended(trial) && !was_interrupted(trial);
}

void CapacityCourse::before(int, record::Journal&) {}

bool CapacityCourse::enough(record::Journal& journal) {
  const record::RunRecord record = journal.record();
  const std::size_t before = taken_;
  catch_up(record.view());
  if (taken_ != before) journal.run({{"capacity", describe(setting_, searches_, record.view())}});
  return current() == nullptr;
}

void CapacityCourse::conclude(const record::RunRecord& record, bool interrupted, json& end) {
  catch_up(record.view());
  const bool open = current() != nullptr;
  for (SearchState& state : searches_)
    if (!interrupted) state.search.stop();
  json capacity = describe(setting_, searches_, record.view());
  json reasons = json::array();
  if (interrupted && open) {
    reasons.push_back("the search was interrupted after " + counted(taken_, "trial") +
                      "; --resume goes on with it");
  }
  for (const json& search : capacity["searches"]) {
    const std::string start =
        searches_.size() == 1 ? "" : search.at("name").get<std::string>() + ": ";
    reasons.push_back(start + search.at("reason").get<std::string>());
  }
  const bool good = !interrupted && all_answered(searches_) && !any_soak_failed(searches_);
  end["capacity"] = std::move(capacity);
  end["verdict"] = {{"overall", good                       ? "pass"
                                : found_nothing(searches_) ? "invalid"
                                                           : "unknown"},
                    {"exit_code", good ? 0 : 2},
                    {"reasons", std::move(reasons)}};
}

std::string CapacityCourse::so_far() const {
  for (const SearchState& state : searches_) {
    if (!state.search.next()) continue;
    return (searches_.size() == 1 ? "" : state.base->name + ": ") + answer_text(state, Bound{});
  }
  return "";
}

}  // namespace seatrial::capacity
