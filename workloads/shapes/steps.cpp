// arrivals: steps(RATE TIME, RATE TIME, ..., RATE), also with `, repeat`.
#include "workloads/shapes/profiles.hpp"

namespace seatrial::workloads {
namespace {

const std::string usage = "write steps(100/s 30s, 500/s 30s, 2k/s)";

struct Step {
  Rate rate;
  std::optional<nanoseconds> lasts;
};

Result<Step> parse_step(std::string_view text) {
  const auto space = text.find_last_of(" \t");
  const auto rate = parse_profile_rate(text.substr(0, space));
  if (!rate) return rate.error();
  Step out{.rate = *rate, .lasts = {}};
  if (space == text.npos) return out;
  const auto lasts = parse_duration(text.substr(space + 1));
  if (!lasts) return lasts.error();
  if (*lasts <= nanoseconds(0)) return Error{"steps: a step takes a time above 0", ""};
  out.lasts = *lasts;
  return out;
}

std::string quoted(std::string_view text) { return "'" + std::string(text) + "'"; }

}  // namespace

Result<Rate> parse_profile_rate(std::string_view text) {
  if (text == "0" || text == "0/s") return Rate{};
  const auto rate = parse_rate(text);
  if (rate && rate->unlimited) return Error{"takes a rate, not max", ""};
  return rate;
}

Result<measure::Profile> parse_steps(const ShapeCall& call) {
  measure::Profile out;
  auto steps = call.arguments;
  if (!steps.empty() && steps.back() == "repeat") {
    out.repeats = true;
    steps.pop_back();
  }
  if (steps.empty() || steps.front().empty()) return Error{"steps has no step; " + usage, ""};
  std::int64_t at_ns = 0;
  for (std::size_t k = 0; k < steps.size(); ++k) {
    const bool last = k + 1 == steps.size();
    const auto step = parse_step(steps[k]);
    if (!step) return Error{"steps: " + step.error().message, ""};
    if (!step->lasts && (!last || out.repeats))
      return Error{"steps: " + quoted(steps[k]) + " has no time; " + usage, ""};
    if (step->lasts && last && !out.repeats)
      return Error{"steps: the last rate stays for good: leave out the time of " +
                       quoted(steps[k]) + ", or add `, repeat`",
                   ""};
    out.points.push_back({at_ns, step->rate});
    if (!step->lasts) break;
    if (__builtin_add_overflow(at_ns, step->lasts->count(), &at_ns))
      return Error{"steps: are longer than 292 years", ""};
    out.points.push_back({at_ns, step->rate});
  }
  if (!out.repeats && out.points.back().rate.messages == 0 && out.points.size() == 1)
    return Error{"steps: nothing ever falls due", ""};
  return out;
}

}  // namespace seatrial::workloads
