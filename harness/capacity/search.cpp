// The search, phase by phase.
#include "capacity/search.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <iterator>
#include <numeric>

#include "core/check.hpp"

namespace seatrial::capacity {
namespace {

// Of four trials: more than a quarter failed, or no more can.
constexpr int passes_of_lower = 3, fails_of_upper = 2, trials_of_load = 4;
constexpr int firm_passes = 3, firm_fails = 4;
constexpr int bracket_fails = 2;

std::size_t index_of(Phase phase) { return static_cast<std::size_t>(phase); }

using PerPhase = std::array<int, phases_with_trials>;

double seconds_of(const PerPhase& trials, const std::array<double, phases_with_trials>& cost_s) {
  double sum = 0;
  for (std::size_t i = 0; i < trials.size(); ++i) sum += trials[i] * cost_s[i];
  return sum;
}

int halvings(const SearchRules& rules) {
  return std::bit_width(static_cast<unsigned>(steps_per_octave(rules.width))) - 1;
}

// What said nothing is counted where it takes longest but for the soak, which has its own.
PerPhase most_of(const SearchRules& rules) {
  const int beside = rules.widenings + 1;
  return {(rules.octaves + 1) * bracket_fails, halvings(rules) * trials_of_load,
          beside * (firm_fails + firm_passes),
          beside + rules.most_repeats + static_cast<int>(phases_with_trials), 1 + rules.repeats};
}

PerPhase usual_of(const SearchRules& rules) {
  return {6, halvings(rules) * 5 / 2, firm_fails, 1, 1};
}

LoadOutcome by_quarter(const Load& load) {
  const int against = load.failed + load.generator;
  if (against >= fails_of_upper)
    return load.generator >= load.failed ? LoadOutcome::generator : LoadOutcome::upper;
  return load.passed >= passes_of_lower ? LoadOutcome::lower : LoadOutcome::open;
}

// Of a bracket one trial that passes is enough, and two that do not: brokers that have just started
// are slow, and the first load would else seem too much.
LoadOutcome in_bracket(const Load& load) {
  if (load.passed > 0) return LoadOutcome::lower;
  if (load.failed + load.generator < bracket_fails) return LoadOutcome::open;
  return load.generator >= load.failed ? LoadOutcome::generator : LoadOutcome::upper;
}

// What so few trials as there are say.
LoadOutcome by_few(const Load& load) {
  if (load.passed > 0) return LoadOutcome::lower;
  return load.generator >= load.failed ? LoadOutcome::generator : LoadOutcome::upper;
}

bool is_generators(const Load& load) { return load.generator > 0 && load.generator >= load.failed; }

}  // namespace

std::string to_string(Phase phase) {
  static constexpr const char* names[] = {"bracket", "bisect", "confirm",
                                          "retest",  "soak",   "ended"};
  return names[index_of(phase)];
}

std::string to_string(TrialOutcome outcome) {
  static constexpr const char* names[] = {"passed", "failed", "generator", "invalid"};
  return names[static_cast<std::size_t>(outcome)];
}

std::string to_string(LoadOutcome outcome) {
  static constexpr const char* names[] = {"open", "lower", "upper", "generator", "undecided"};
  return names[static_cast<std::size_t>(outcome)];
}

std::string to_string(Outcome outcome) {
  static constexpr const char* names[] = {"open", "interval", "at_least", "at_most", "undecided"};
  return names[static_cast<std::size_t>(outcome)];
}

int steps_per_octave(double width) {
  int steps = 1;
  while (std::exp2(1.0 / steps) - 1 > width && steps < 1024) steps *= 2;
  return steps;
}

int most_trials(const SearchRules& rules) {
  const auto all = most_of(rules);
  return std::accumulate(all.begin(), all.end(), 0);
}

double most_seconds(const SearchRules& rules) {
  const double all = seconds_of(most_of(rules), rules.cost_s);
  return rules.budget_s > 0 ? std::min(all, rules.budget_s) : all;
}

int usual_trials(const SearchRules& rules) {
  const auto all = usual_of(rules);
  return std::accumulate(all.begin(), all.end(), 0);
}

double usual_seconds(const SearchRules& rules) {
  return std::min(seconds_of(usual_of(rules), rules.usual_cost_s), most_seconds(rules));
}

LoadOutcome Load::outcome() const {
  if (passed + failed + generator == 0)
    return invalid > 0 ? LoadOutcome::undecided : LoadOutcome::open;
  const auto by_rule = by_quarter(*this);
  return by_rule == LoadOutcome::open ? by_few(*this) : by_rule;
}

Search::Search(SearchRules rules) : rules_(rules), steps_(steps_per_octave(rules.width)) {
  check(rules_.start_per_s > 0, "a search starts at a load above 0");
}

double Search::rate_at(int place) const {
  return rules_.start_per_s * std::exp2(static_cast<double>(place) / steps_);
}

Load& Search::load_at(int place) {
  Load& load = loads_[place];
  load.per_s = rate_at(place);
  return load;
}

std::optional<Ask> Search::next() const {
  if (phase_ == Phase::ended) return std::nullopt;
  if (phase_ == Phase::soak) return Ask{phase_, rate_at(*low_) * rules_.soak_share};
  return Ask{phase_, rate_at(at_)};
}

void Search::stop() { phase_ = Phase::ended; }

// Of the time that is left, the last two phases keep their part.
bool Search::affords(Phase phase) const {
  if (rules_.budget_s <= 0) return true;
  double needs = rules_.cost_s[index_of(phase)];
  if (phase < Phase::retest) needs += rules_.cost_s[index_of(Phase::retest)];
  if (phase < Phase::soak) needs += rules_.cost_s[index_of(Phase::soak)];
  return spent_s_ + needs <= rules_.budget_s;
}

// The load of the phase's next trial, unless time is over.
void Search::go(Phase phase, int place) {
  if (phase != phase_ || place != at_) invalid_here_ = 0;
  if (!affords(phase)) {
    out_of_time_ = true;
    upper_open_ = lower_open_ = false;
    if (phase < Phase::retest && low_) return retest_on();
    return stop();
  }
  phase_ = phase;
  at_ = place;
}

void Search::take(TrialOutcome outcome, double took_s) {
  check(phase_ != Phase::ended, "a search that has ended takes no outcome");
  Load& load = phase_ == Phase::soak ? soak_.value() : load_at(at_);
  load.trials.push_back(static_cast<std::size_t>(taken_++));
  spent_s_ += took_s;
  switch (outcome) {
    case TrialOutcome::passed: ++load.passed; break;
    case TrialOutcome::failed: ++load.failed; break;
    case TrialOutcome::generator: ++load.generator; break;
    case TrialOutcome::invalid:
      ++load.invalid;
      ++invalid_here_;
      ++repeats_;
      break;
  }
  if (phase_ == Phase::retest) return after_retest(outcome);
  if (phase_ == Phase::soak) return after_soak(outcome);
  advance();
}

bool Search::given_up() const {
  return invalid_here_ > rules_.repeats || (invalid_here_ > 0 && repeats_ > rules_.most_repeats);
}

void Search::advance() {
  const Load& load = load_at(at_);
  if (given_up()) undecided_ = at_;
  switch (phase_) {
    case Phase::bracket: return after_bracket(load);
    case Phase::bisect: return after_bisect(load);
    case Phase::confirm: return confirm_on();
    case Phase::retest:
    case Phase::soak:
    case Phase::ended: break;
  }
}

void Search::after_bracket(const Load& load) {
  const auto outcome = in_bracket(load);
  if (outcome == LoadOutcome::open) {
    if (!given_up()) return go(Phase::bracket, at_);
    return low_ ? confirm_on() : stop();
  }
  (outcome == LoadOutcome::lower ? low_ : high_) = at_;
  if (low_ && high_) return bisect_on();
  const int next = outcome == LoadOutcome::lower ? at_ + steps_ : at_ - steps_;
  if (std::abs(next) <= rules_.octaves * steps_) return go(Phase::bracket, next);
  at_the_top_ = low_.has_value();
  return low_ ? confirm_on() : stop();
}

void Search::after_bisect(const Load& load) {
  const auto outcome = by_quarter(load);
  if (outcome == LoadOutcome::open) return given_up() ? confirm_on() : go(Phase::bisect, at_);
  (outcome == LoadOutcome::lower ? low_ : high_) = at_;
  bisect_on();
}

void Search::bisect_on() {
  if (*high_ - *low_ <= 1) return confirm_on();
  go(Phase::bisect, (*low_ + *high_) / 2);
}

void Search::confirm_on() {
  if (upper_open_ && confirm_upper()) return;
  upper_open_ = false;
  if (lower_open_ && confirm_lower()) return;
  lower_open_ = false;
  retest_on();
}

// Whether it has a trial to ask for.
bool Search::confirm_upper() {
  while (high_) {
    const Load& load = load_at(*high_);
    const bool tried = phase_ == Phase::confirm && at_ == *high_;
    if (is_generators(load) || (tried && given_up())) return false;
    if (load.passed == 0 && load.failed >= firm_fails) return false;
    if (load.passed == 0) {
      go(Phase::confirm, *high_);
      return true;
    }
    if (up_ < rules_.widenings) {
      ++up_;
      ++*high_;
      continue;
    }
    const auto firm = std::find_if(loads_.upper_bound(*high_), loads_.end(), [](const auto& at) {
      return at.second.passed == 0 && at.second.failed > 0;
    });
    high_ = firm == loads_.end() ? std::nullopt : std::optional(firm->first);
    return false;
  }
  return false;
}

bool Search::confirm_lower() {
  while (low_) {
    const Load& load = load_at(*low_);
    const bool tried = phase_ == Phase::confirm && at_ == *low_;
    if (tried && given_up()) return false;
    if (load.failed + load.generator > 0) {
      widen_down();
      continue;
    }
    if (load.passed >= firm_passes) return false;
    go(Phase::confirm, *low_);
    return true;
  }
  return false;
}

// A step; once there were enough of them, to the next load that was never seen to fail.
void Search::widen_down() {
  if (down_ < rules_.widenings) {
    ++down_;
    --*low_;
    return;
  }
  auto below = std::make_reverse_iterator(loads_.lower_bound(*low_));
  const auto clean = std::find_if(below, loads_.rend(), [](const auto& at) {
    return at.second.passed > 0 && at.second.failed + at.second.generator == 0;
  });
  low_ = clean == loads_.rend() ? std::nullopt : std::optional(clean->first);
}

void Search::retest_on() {
  if (!low_) return stop();
  go(Phase::retest, *low_);
}

void Search::after_retest(TrialOutcome outcome) {
  if (outcome == TrialOutcome::passed) return begin_soak();
  if (outcome == TrialOutcome::invalid) {
    if (!given_up()) return go(Phase::retest, at_);
    undecided_ = at_;
    return begin_soak();
  }
  drifted_ = true;
  const bool last = down_ >= rules_.widenings;
  do {
    widen_down();
  } while (low_ && load_at(*low_).failed + load_at(*low_).generator > 0);
  // Where steps were used up, what was never seen to fail stands as it is.
  if (last && low_) return begin_soak();
  retest_on();
}

void Search::begin_soak() {
  soak_ = Load{.per_s = rate_at(*low_) * rules_.soak_share, .trials = {}};
  go(Phase::soak, *low_);
  if (phase_ == Phase::ended) soak_.reset();
}

void Search::after_soak(TrialOutcome outcome) {
  const bool again = outcome == TrialOutcome::invalid && !given_up();
  if (again) return go(Phase::soak, at_);
  stop();
}

Answer Search::answer() const {
  Answer out{.drifted = drifted_, .out_of_time = out_of_time_, .at_the_top = at_the_top_};
  if (soak_ && !soak_->trials.empty()) out.soak = soak_;
  if (low_) out.lower_per_s = rate_at(*low_);
  if (high_) {
    const auto load = loads_.find(*high_);
    out.ended_by_generator = load != loads_.end() && is_generators(load->second);
    if (!out.ended_by_generator) out.upper_per_s = rate_at(*high_);
  }
  if (undecided_) out.undecided_per_s = rate_at(*undecided_);
  if (phase_ != Phase::ended) return out;
  if (out.lower_per_s && out.upper_per_s) out.outcome = Outcome::interval;
  else if (out.lower_per_s) out.outcome = Outcome::at_least;
  else out.outcome = out.upper_per_s ? Outcome::at_most : Outcome::undecided;
  return out;
}

std::vector<Load> Search::loads() const {
  std::vector<Load> out;
  for (const auto& [place, load] : loads_) {
    if (!load.trials.empty()) out.push_back(load);
  }
  if (soak_ && !soak_->trials.empty()) out.push_back(*soak_);
  std::ranges::stable_sort(out, {}, &Load::per_s);
  return out;
}

}  // namespace seatrial::capacity
