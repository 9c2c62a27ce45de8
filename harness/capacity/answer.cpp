// Sentences.
#include "capacity/answer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/units.hpp"

namespace seatrial::capacity {
namespace {

std::string rate_of(double per_s) {
  return format_count(static_cast<std::uint64_t>(std::llround(per_s))) + "/s";
}

std::string load_of(const SearchState& state, double per_s) {
  return load_text(per_s, state.base->searched.message_bytes);
}

// The reasons of the lowest load that failed, each name once.
std::string why_upper(const SearchState& state, double upper_per_s) {
  std::vector<std::string> names;
  std::string out;
  for (const Load& load : state.search.loads()) {
    if (std::abs(load.per_s / upper_per_s - 1) > 1e-9) continue;
    for (const std::size_t trial : load.trials) {
      for (const Reason& reason : state.seen[trial].reasons) {
        if (std::ranges::find(names, reason.name) != names.end()) continue;
        names.push_back(reason.name);
        out += (out.empty() ? "" : "; ") + reason.text;
      }
    }
  }
  return out;
}

std::string soak_text(const SearchState& state, const Load& soak) {
  const std::string at = "a soak at " + rate_of(soak.per_s);
  if (soak.passed > 0) return at + " held";
  if (soak.failed + soak.generator == 0) return at + " said nothing: something disturbed it";
  const auto& reasons = state.seen[soak.trials.back()].reasons;
  return at + " did not hold" + (reasons.empty() ? "" : ": " + reasons.front().text);
}

const Reason* last_reason(const SearchState& state) {
  for (auto seen = state.seen.rbegin(); seen != state.seen.rend(); ++seen)
    if (!seen->reasons.empty()) return &seen->reasons.front();
  return nullptr;
}

// Why there is no lower bound, or none above.
std::string because(const SearchState& state) {
  const Reason* reason = last_reason(state);
  return reason == nullptr ? "" : ": " + reason->text;
}

std::string at_least_text(const SearchState& state, const Answer& answer) {
  const std::string least = "at least " + load_of(state, *answer.lower_per_s);
  if (answer.ended_by_generator) return least + "; the generator ended there";
  if (answer.out_of_time) return least + "; the budget was used up before a load failed";
  if (answer.undecided_per_s)
    return least + "; of " + rate_of(*answer.undecided_per_s) + " nothing could be said" +
           because(state);
  if (answer.at_the_top)
    return least + "; nothing failed up to there, and the search ends so far above its start";
  return least + "; above it trials disagreed, and no load failed in all of them";
}

}  // namespace

std::string load_text(double per_s, double message_bytes) {
  if (message_bytes <= 0) return rate_of(per_s);
  return fmt::format("{} ({:.3g} MB/s)", rate_of(per_s), per_s * message_bytes / 1e6);
}

std::string answer_text(const SearchState& state, const Bound& bound) {
  if (!state.refused.empty()) return "brokers do not take its settings: " + state.refused;
  const Answer answer = state.search.answer();
  switch (answer.outcome) {
    case Outcome::interval:
      return "between " + load_of(state, *answer.lower_per_s) + " and " +
             load_of(state, *answer.upper_per_s) + ", bound by: " + bound.name;
    case Outcome::at_least: return at_least_text(state, answer);
    case Outcome::at_most:
      return "less than " + load_of(state, *answer.upper_per_s) + ", the lowest load tried" +
             because(state);
    case Outcome::undecided: return "undecided" + because(state);
    case Outcome::open: break;
  }
  if (answer.lower_per_s && answer.upper_per_s)
    return "so far between " + load_of(state, *answer.lower_per_s) + " and " +
           load_of(state, *answer.upper_per_s);
  if (answer.lower_per_s) return "so far at least " + load_of(state, *answer.lower_per_s);
  if (answer.upper_per_s) return "so far less than " + load_of(state, *answer.upper_per_s);
  return "nothing is known yet";
}

std::vector<std::string> notes_of(const SearchState& state) {
  std::vector<std::string> out;
  const Answer answer = state.search.answer();
  if (answer.upper_per_s) {
    if (auto why = why_upper(state, *answer.upper_per_s); !why.empty())
      out.push_back("at " + rate_of(*answer.upper_per_s) + ": " + why);
  }
  if (answer.drifted) {
    out.emplace_back(
        "drift: the lower bound did not hold when it was tested again, and the "
        "interval has grown downwards");
  }
  std::string contested;
  for (const Load& load : state.search.loads())
    if (load.contested()) contested += (contested.empty() ? "" : ", ") + rate_of(load.per_s);
  if (!contested.empty()) {
    out.push_back("trials at " + contested +
                  " disagreed: within the noise of this machine no "
                  "narrower interval can be told");
  }
  if (answer.out_of_time)
    out.emplace_back("the budget was used up: the interval is as narrow as it got by then");
  if (answer.undecided_per_s && answer.lower_per_s && answer.upper_per_s) {
    out.push_back("of " + rate_of(*answer.undecided_per_s) +
                  " nothing could be said in three trials, so the interval is as narrow as it got "
                  "without it");
  }
  if (answer.soak) out.push_back(soak_text(state, *answer.soak));
  return out;
}

std::string shared_text(int cores, double brokers_cpu, double generator_cpu) {
  const double both = brokers_cpu + generator_cpu;
  return fmt::format(
      "brokers and generator shared this machine: at the lower bound brokers used {:.2f} of its {} "
      "cores and the generator {:.2f}, so {:.0f} % of what both used was the brokers'; on machines "
      "of their own they would take more",
      brokers_cpu, cores, generator_cpu, both > 0 ? 100 * brokers_cpu / both : 0.0);
}

std::string generator_needs(const SearchState& state, int lanes, int cores) {
  const Answer answer = state.search.answer();
  if (!answer.ended_by_generator || state.seen.empty()) return "";
  double generator = 0, brokers = 0;
  for (const Seen& seen : state.seen) {
    if (seen.outcome != TrialOutcome::generator) continue;
    generator = std::max(generator, seen.generator_cpu.value_or(0));
    brokers = std::max(brokers, seen.brokers_cpu.value_or(0));
  }
  const double all = generator + brokers;
  if (cores > 0 && all > 0.85 * cores) {
    return fmt::format(
        "its {} used {:.2g} of {} cores and the brokers {:.2g}: more lanes find no "
        "core here, so generate on another machine",
        lanes == 1 ? "lane" : std::to_string(lanes) + " lanes", generator, cores, brokers);
  }
  return fmt::format("{:.2g} of {} cores were in use, so try twice the lanes: {}", all, cores,
                     2 * std::max(lanes, 1));
}

}  // namespace seatrial::capacity
