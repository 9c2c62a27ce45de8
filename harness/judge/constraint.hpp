// What bound a load: which resource was at its limit where a target was missed, from a trial's part
// of the record. A constraint is one file under judge/constraints/, whose last lines register it;
// it looks at one trial and says how near its limit the resource was and how long it made messages
// wait. Here it is decided which of them leads.
//
//   const BoundBy bound = bound_by({failed_trial, cores}, Scene{passed_trial, cores});
//   bound.leading.name;      // "broker_cpu"
//   bound.leading.evidence;  // "node 2 used 0.49 of its 0.5 cores"
//
// The rule: what is at 85 % of its limit or more (saturated) at the lowest load that failed leads;
// of several the cause before what it causes, by the constraints' order. Where nothing is
// saturated, it is the wait that grew most since the highest load that passed, if it is at least a
// quarter of what the mean response grew by. Else the answer is `not_seen`. The generator is first
// of all: where it was the limit, nothing is said of the cluster. Pure; what the record does not
// tell constrains nothing.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/registry.hpp"
#include "core/view.hpp"

namespace seatrial::judge {

inline constexpr double saturated = 0.85;

struct Scene {
  View trial;
  double cores = 0;  // of the machine that the trial ran on; 0: not known
};

// What one trial shows of one resource.
struct Strain {
  std::optional<double> use;      // of its limit, 0 to 1
  std::optional<double> wait_ns;  // mean, of a message or of a request
  std::string evidence;           // with the figures, as in "node 2 used 0.49 of its 0.5 cores"
  std::string needs{};            // what would move it, where that can be told
};

class Constraint {
 public:
  virtual ~Constraint() = default;
  // Causes come before what they cause.
  [[nodiscard]] virtual int order() const = 0;
  // Nothing where the record does not tell.
  [[nodiscard]] virtual std::optional<Strain> strain(const Scene& scene) const = 0;
};

struct Bound {
  std::string name;     // of the constraint, or not_seen
  double strength = 0;  // 0 to 1: of its limit, or of what the response grew by
  std::string evidence;
  std::string needs{};
};

struct BoundBy {
  Bound leading;
  std::vector<Bound> others;  // saturated, too
};

// `passed`: the trial at the highest load that held the targets; without it only what is saturated
// can be named.
[[nodiscard]] BoundBy bound_by(const Scene& failed, const std::optional<Scene>& passed);
// Of several trials at each load: who leads in most of those that failed (of as many, the cause),
// each seen beside the last that passed; at least one failed.
[[nodiscard]] BoundBy bound_by_most(const std::vector<Scene>& failed,
                                    const std::vector<Scene>& passed);
// Of an ordinary trial what came nearest its limit; nothing if the record tells of none.
[[nodiscard]] std::optional<Bound> nearest_limit(const Scene& trial);

// name, strength, evidence; needs where there are any; of BoundBy also `others`.
[[nodiscard]] nlohmann::json to_json(const Bound& bound);
[[nodiscard]] nlohmann::json to_json(const BoundBy& bound);

template <int at, std::optional<Strain> (*look)(const Scene&)>
Registration<Constraint> constraint(std::string name, std::string help) {
  struct Looks final : Constraint {
    [[nodiscard]] int order() const override { return at; }
    [[nodiscard]] std::optional<Strain> strain(const Scene& scene) const override {
      return look(scene);
    }
  };
  return Registration<Constraint>({.name = std::move(name),
                                   .help = std::move(help),
                                   .options = {},
                                   .make = [](const Options&) -> std::unique_ptr<Constraint> {
                                     return std::make_unique<Looks>();
                                   }});
}

}  // namespace seatrial::judge
