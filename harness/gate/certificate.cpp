// Assessed by simulation, which draws from what was measured.
#include "gate/certificate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/counted.hpp"
#include "core/mix.hpp"
#include "core/units.hpp"
#include "gate/power.hpp"
#include "gate/simulate.hpp"
#include "statistics/signed_rank.hpp"

namespace seatrial::gate {
namespace {

using nlohmann::json;

constexpr int gates = 2000;
constexpr std::size_t least_pairs = 4;  // to draw from

Simulation with_noise(const std::vector<double>& sample, double effect, const Rules& rules) {
  Simulation out;
  out.noise = {.kind = Noise::bootstrapped, .sigma = 0, .sample = sample};
  out.effect = effect;
  out.rules = rules;
  out.gates = gates;
  return out;
}

// p-values of tests of ten pairs, drawn from the sample with signs at random: those of a centre
// that is 0. They take steps, so the largest step is no distance.
double distance_from_uniform(const std::vector<double>& sample) {
  constexpr int tests = 1000, pairs = 10;
  std::vector<double> p_values;
  for (std::uint64_t test = 0; test < tests; ++test) {
    std::vector<double> drawn;
    for (std::uint64_t pair = 0; pair < pairs; ++pair) {
      const auto random = mix((test * pairs + pair + 1) * golden_gamma);
      const double value = sample[(random >> 1) % sample.size()];
      drawn.push_back((random & 1) != 0 ? value : -value);
    }
    p_values.push_back(statistics::p_above(drawn, 0));
  }
  std::ranges::sort(p_values);
  double out = 0;
  for (std::size_t i = 0; i < p_values.size(); ++i) {
    if (i + 1 < p_values.size() && p_values[i + 1] == p_values[i]) continue;
    out = std::max(out, std::abs(static_cast<double>(i + 1) / tests - p_values[i]));
  }
  return out;
}

Certified assess_slowdown(double slowdown, const std::vector<double>& effects, const Rules& rules) {
  Certified out{.slowdown = slowdown, .pairs = static_cast<int>(effects.size())};
  out.estimate = statistics::hodges_lehmann(effects);
  if (effects.size() < least_pairs) return out;
  std::vector<double> noise;
  for (const double effect : effects) noise.push_back(effect - out.estimate.value);
  const auto ends = simulate(with_noise(noise, std::expm1(out.estimate.value), rules));
  out.power = static_cast<double>(ends.fail) / static_cast<double>(ends.gates);
  return out;
}

std::string text_of(const statistics::Estimate& estimate) {
  return fmt::format("{:.3f} ({:.3f} to {:.3f})", std::exp(estimate.value), std::exp(estimate.low),
                     std::exp(estimate.high));
}

}  // namespace

Assessment assess(const Certificate& certificate, const Rules& rules) {
  Assessment out;
  out.equals = static_cast<int>(certificate.equals.size());
  if (certificate.equals.size() >= least_pairs) {
    out.sigma = sigma_of(statistics::hodges_lehmann(certificate.equals), out.equals);
    const auto ends = simulate(with_noise(certificate.equals, 0, rules));
    out.false_alarms = {.hits = ends.fail, .trials = ends.gates};
    out.p_distance = distance_from_uniform(certificate.equals);
    out.p_distance_of_chance = 1.36 / std::sqrt(1000.0);  // Kolmogorov's, at 5 %
  }
  for (const auto& [slowdown, effects] : certificate.slowed) {
    const auto factor = parse_number(slowdown);
    if (factor && !effects.empty())
      out.slowdowns.push_back(assess_slowdown(*factor, effects, rules));
  }
  std::ranges::sort(out.slowdowns, {}, &Certified::slowdown);
  return out;
}

std::vector<std::string> sentences(const Assessment& assessment) {
  std::vector<std::string> out;
  const auto pairs = static_cast<std::uint64_t>(assessment.equals);
  if (assessment.false_alarms.trials == 0) {
    out.push_back("certified with " + counted(pairs, "pair") +
                  " of equals so far: too few to say anything");
  } else {
    out.push_back(fmt::format(
        "{} of equals differ by {:.1f} % by chance (their standard deviation); of {} simulated "
        "gates with that noise {:.2f} % were alarmed for nothing (at most {:.2f} %, with 95 % "
        "confidence)",
        counted(pairs, "pair"), assessment.sigma * 100,
        format_count(assessment.false_alarms.trials),
        100.0 * static_cast<double>(assessment.false_alarms.hits) /
            static_cast<double>(assessment.false_alarms.trials),
        100 * statistics::at_most(assessment.false_alarms, 0.95)));
    out.push_back(
        fmt::format("p-values of equals are {:.3f} from uniform ones, where chance "
                    "allows {:.3f}",
                    assessment.p_distance, assessment.p_distance_of_chance));
  }
  for (const auto& slowed : assessment.slowdowns) {
    out.push_back(fmt::format(
        "a slowdown of {:.2f} was measured as {} in {}; a gate would fail it with {:.0f} %",
        slowed.slowdown, text_of(slowed.estimate),
        counted(static_cast<std::uint64_t>(slowed.pairs), "pair"), 100 * slowed.power));
  }
  return out;
}

std::map<std::string, std::string> machine_of(const View& environment) {
  std::map<std::string, std::string> out;
  for (const char* field : {"kernel", "machine", "cpu", "cores", "memory_bytes", "os", "build"})
    out[field] = environment[field].text();
  return out;
}

std::optional<std::string> differs(const std::map<std::string, std::string>& before,
                                   const std::map<std::string, std::string>& now) {
  for (const auto& [field, value] : now) {
    const auto at = before.find(field);
    const std::string was = at == before.end() ? "unknown" : at->second;
    if (was != value) return field + " was " + was + " and is " + value;
  }
  return std::nullopt;
}

json to_json(const Certificate& certificate) {
  return {{"made_at", certificate.made_at},
          {"scenario", certificate.scenario},
          {"machine", certificate.machine},
          {"equals", certificate.equals},
          {"slowed", certificate.slowed}};
}

std::optional<Certificate> certificate_of(const json& json) try {
  return Certificate{.made_at = json.at("made_at"),
                     .scenario = json.at("scenario"),
                     .machine = json.at("machine"),
                     .equals = json.at("equals"),
                     .slowed = json.at("slowed")};
} catch (const nlohmann::json::exception&) {
  return std::nullopt;
}

}  // namespace seatrial::gate
