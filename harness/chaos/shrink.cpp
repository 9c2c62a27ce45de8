// Delta debugging with repeats.
#include "chaos/shrink.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

namespace seatrial::chaos {
namespace {

struct OutOfBudget {};

// One that goes on comes past what it had already.
bool is_smaller(const Candidate& a, const Candidate& b) {
  const auto halvings = [](const Candidate& candidate) {
    int sum = 0;
    for (const Piece& piece : candidate) sum += piece.halvings;
    return sum;
  };
  return a.size() != b.size() ? a.size() < b.size() : halvings(a) > halvings(b);
}

class Shrinker {
 public:
  Shrinker(const ShrinkSetting& setting, ShrinkState& state) : s_(setting), state_(state) {}

  ShrinkEnd run() {
    Candidate all;
    for (std::size_t i = 0; i < s_.halvings.size(); ++i) all.push_back({.fault = i});
    try {
      if (!confirm(all)) return ShrinkEnd::not_reproduced;
      Candidate least = leave_out_again(least_of(std::move(all)));
      halve(std::move(least));
    } catch (const OutOfBudget&) {
      return ShrinkEnd::out_of_budget;
    }
    return ShrinkEnd::minimal;
  }

 private:
  // One more run, whose outcome is kept.
  Outcome run_once(const Candidate& candidate, Tried& tried) {
    if (s_.enough()) throw OutOfBudget{};
    const Outcome outcome = s_.run(candidate);
    if (outcome == Outcome::fails) ++tried.failed;
    else if (outcome == Outcome::passes) ++tried.passed;
    else ++tried.invalid;
    s_.save(state_);
    return outcome;
  }

  bool confirm(const Candidate& all) {
    Tried& tried = state_.tried[to_string(all)];
    while (tried.failed + tried.passed < s_.confirmations && tried.invalid < s_.most_invalid)
      run_once(all, tried);
    if (tried.failed == 0) return false;
    accept(all, tried);
    return true;
  }

  void accept(const Candidate& candidate, const Tried& tried) {
    if (!counted_.insert(to_string(candidate)).second) return;
    failed_ += tried.failed;
    runs_ += tried.failed + tried.passed;
    state_.failed = failed_;
    state_.runs = runs_;
    if (state_.best.empty() || is_smaller(candidate, state_.best)) state_.best = candidate;
    s_.save(state_);
  }

  // `look`: " again" where what an earlier look found is not to be trusted.
  bool fails(const Candidate& candidate, const std::string& look = "") {
    Tried& tried = state_.tried[to_string(candidate) + look];
    const int repeats = repeats_for(failed_, runs_, s_.most_repeats);
    while (tried.failed == 0 && tried.passed < repeats && tried.invalid < s_.most_invalid)
      run_once(candidate, tried);
    if (tried.failed == 0) return false;
    accept(candidate, tried);
    return true;
  }

  Candidate least_of(Candidate all) {
    std::size_t parts = 2;
    while (all.size() >= 2) {
      if (auto smaller = failing_part(all, parts)) {
        parts = smaller->complement ? std::max<std::size_t>(parts - 1, 2) : 2;
        all = std::move(smaller->candidate);
      } else if (parts >= all.size()) {
        break;
      } else {
        parts = std::min(parts * 2, all.size());
      }
    }
    return all;
  }

  struct Smaller {
    Candidate candidate;
    bool complement = false;
  };

  std::optional<Smaller> failing_part(const Candidate& all, std::size_t parts) {
    const auto begin_of = [&](std::size_t part) { return all.size() * part / parts; };
    for (const bool complement : {false, true}) {
      if (complement && parts == 2) break;  // of two, each is the other's
      for (std::size_t part = 0; part < parts; ++part) {
        Candidate some;
        for (std::size_t i = 0; i < all.size(); ++i) {
          const bool inside = i >= begin_of(part) && i < begin_of(part + 1);
          if (inside != complement) some.push_back(all[i]);
        }
        if (!some.empty() && some.size() < all.size() && fails(some))
          return Smaller{std::move(some), complement};
      }
    }
    return std::nullopt;
  }

  // One in twenty is rejected by chance: so each that is left is left out once more.
  Candidate leave_out_again(Candidate all) {
    for (std::size_t i = 0; i < all.size() && all.size() > 1;) {
      Candidate others = all;
      others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
      if (fails(others, " again")) all = std::move(others);
      else ++i;
    }
    return all;
  }

  void halve(Candidate all) {
    for (std::size_t i = 0; i < all.size(); ++i) {
      while (all[i].halvings < s_.halvings[all[i].fault]) {
        Candidate shorter = all;
        ++shorter[i].halvings;
        if (!fails(shorter)) break;
        all = std::move(shorter);
      }
    }
  }

  const ShrinkSetting& s_;
  ShrinkState& state_;
  // Counted anew from what was tried, so that a search that goes on counts nothing twice.
  int failed_ = 0;
  int runs_ = 0;
  std::set<std::string> counted_;
};

}  // namespace

std::string to_string(const Candidate& candidate) {
  std::string out;
  for (const Piece& piece : candidate) {
    out += (out.empty() ? "" : " ") + std::to_string(piece.fault);
    if (piece.halvings > 0) out += "/" + std::to_string(piece.halvings);
  }
  return out;
}

int repeats_for(int failed, int runs, int most) {
  // Half a failure and half a pass more (Jeffreys): the rate of few runs is neither 0 nor 1.
  const double rate = (failed + 0.5) / (runs + 1);
  const double repeats = std::ceil(std::log(0.05) / std::log(1 - rate));
  return std::clamp(static_cast<int>(std::min(repeats, 1e6)), 1, most);
}

ShrinkEnd shrink(const ShrinkSetting& setting, ShrinkState& state) {
  return Shrinker(setting, state).run();
}

}  // namespace seatrial::chaos
