// Which load to try next, and what the loads tried so far say: the search behind `capacity`, as a
// state machine that takes the outcomes of trials one after the other. It follows the idea of the
// multiple loss ratio search (RFC 9971): short trials first, several at each load, and bounds that
// are told apart by how many of their trials failed.
//
//   Search search({.start_per_s = 1000});
//   while (const auto ask = search.next()) search.take(outcome_of(run(*ask)), seconds);
//   search.answer().lower_per_s
//
//   bracket   doubled, or halved, from the start until one load passes and the double fails twice
//   bisect    in log2 of the rate, until the bounds are one step apart. Of at most four trials at a
//             load: more than a quarter failed is an upper bound, else it is a lower one
//   confirm   the bounds must be firm: four trials that failed above, three that passed below, none
//             otherwise. A load at which some pass and some fail lies within the noise, so the
//             interval grows by a step beyond it
//   retest    the lower bound once more, longer, since the cluster may have changed meanwhile. If
//             it fails there, the interval grows downwards, and the search has seen a drift
//   soak      once at a share of the lower bound, longer still
//
// A trial that says nothing (invalid) is repeated twice, then its load is undecided, and the search
// goes on with what it has. Where the generator ends twice at a load, nothing above it is tried:
// what is found then is a least, and no upper bound.
//
// It ends: after most_trials() at the latest, and with a budget before it would be overdrawn, for
// which the last two phases keep their part.
// Loads are steps of a grid, 1/steps_per_octave of an octave each, so the same outcomes lead to the
// same loads everywhere, and a search goes on where it was by taking its recorded outcomes again.
// Pure; not thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace seatrial::capacity {

enum class Phase { bracket, bisect, confirm, retest, soak, ended };
inline constexpr std::size_t phases_with_trials = 5;
[[nodiscard]] std::string to_string(Phase phase);

// generator: it could not make the load. invalid: nothing can be said.
enum class TrialOutcome { passed, failed, generator, invalid };
[[nodiscard]] std::string to_string(TrialOutcome outcome);

struct SearchRules {
  double start_per_s = 1000;
  double width = 0.05;      // of an interval without noise: upper/lower - 1
  double soak_share = 0.8;  // of the lower bound
  int octaves = 10;         // at most so many doublings, or halvings, from the start
  int widenings = 4;        // by a step, upwards, and as many downwards
  int repeats = 2;          // of a trial that says nothing, at one load
  int most_repeats = 10;    // the same, of a search
  double budget_s = 0;      // 0: none
  // The longest that a trial of each phase takes, in the order of Phase.
  std::array<double, phases_with_trials> cost_s{};
  std::array<double, phases_with_trials> usual_cost_s{};  // the same, of most trials
};

// The most that fit an octave so that a step is no wider than `width`: a power of two, for halving.
[[nodiscard]] int steps_per_octave(double width);
// In the worst case; most searches take a quarter of it.
[[nodiscard]] int most_trials(const SearchRules& rules);
[[nodiscard]] double most_seconds(const SearchRules& rules);
[[nodiscard]] int usual_trials(const SearchRules& rules);
[[nodiscard]] double usual_seconds(const SearchRules& rules);

struct Ask {
  Phase phase = Phase::bracket;
  double per_s = 0;
  friend bool operator==(const Ask&, const Ask&) = default;
};

enum class LoadOutcome { open, lower, upper, generator, undecided };
[[nodiscard]] std::string to_string(LoadOutcome outcome);

// A load that was tried.
struct Load {
  double per_s = 0;
  int passed = 0, failed = 0, generator = 0, invalid = 0;
  std::vector<std::size_t> trials;  // which of the search's, by the order in which it took them
  [[nodiscard]] bool contested() const { return passed > 0 && failed + generator > 0; }
  [[nodiscard]] LoadOutcome outcome() const;
};

// open: the search has not ended. at_most: nothing passed.
enum class Outcome { open, interval, at_least, at_most, undecided };
[[nodiscard]] std::string to_string(Outcome outcome);

struct Answer {
  Outcome outcome = Outcome::open;
  std::optional<double> lower_per_s, upper_per_s;
  bool ended_by_generator = false;
  bool drifted = false;      // the lower bound did not hold when it was tested again
  bool out_of_time = false;  // the budget ended it early
  bool at_the_top = false;   // of all loads that may be tried, without a failure
  std::optional<Load> soak;
  std::optional<double> undecided_per_s;  // the last load of which nothing could be said
};

class Search {
 public:
  explicit Search(SearchRules rules);

  [[nodiscard]] std::optional<Ask> next() const;  // nothing: it has ended
  // Of the trial that next() asks for. `took_s`: as it counts against the budget.
  void take(TrialOutcome outcome, double took_s);
  // Nothing further can be tried, whatever the reason: what was found so far is the answer.
  void stop();

  [[nodiscard]] Phase phase() const { return phase_; }
  [[nodiscard]] Answer answer() const;
  // By rate; with the soak's, if it has one.
  [[nodiscard]] std::vector<Load> loads() const;
  [[nodiscard]] int trials() const { return taken_; }
  [[nodiscard]] const SearchRules& rules() const { return rules_; }

 private:
  [[nodiscard]] double rate_at(int place) const;
  Load& load_at(int place);
  [[nodiscard]] bool affords(Phase phase) const;
  [[nodiscard]] bool given_up() const;
  void go(Phase phase, int place);
  void advance();
  void after_bracket(const Load& load);
  void after_bisect(const Load& load);
  void bisect_on();
  void confirm_on();
  [[nodiscard]] bool confirm_upper();
  [[nodiscard]] bool confirm_lower();
  void retest_on();
  void after_retest(TrialOutcome outcome);
  void after_soak(TrialOutcome outcome);
  void widen_down();
  void begin_soak();

  SearchRules rules_;
  int steps_;
  Phase phase_ = Phase::bracket;
  int at_ = 0;  // place of the load that is asked for
  std::map<int, Load> loads_;
  std::optional<int> low_, high_;
  std::optional<Load> soak_;
  std::optional<int> undecided_;
  int invalid_here_ = 0, repeats_ = 0;
  int up_ = 0, down_ = 0;                       // widened by so many steps
  bool upper_open_ = true, lower_open_ = true;  // to be confirmed
  bool drifted_ = false, out_of_time_ = false, at_the_top_ = false;
  double spent_s_ = 0;
  int taken_ = 0;
};

}  // namespace seatrial::capacity
