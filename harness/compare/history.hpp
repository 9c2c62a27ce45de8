// Many runs of the same scenarios, one after the other: at which of them a metric changed. Without
// a verdict, as in compare.hpp; labels (record field `labels`) say what was new in a run.
//
//   History history;
//   for (...) if (const auto why = history.add(folder, record)) ...   // the record may go
//   history.describe()
//
// A series is one metric of one scenario's variant in one context, run by run the median over the
// valid trials. A context is the machine, kernel and build (gate::machine_of) and the kind of
// cluster: what ran elsewhere differs for that reason, and is a series of its own. Changes are
// found by statistics::change_points, with its usual rules.
//
// Shape of the document, of which reports are made:
//
//   least_runs, max_p   what a series needs to be searched, and the level of its search
//   runs      [{folder, id, scenario, started_at, verdict, program, labels {}, context}], by time
//   contexts  [{runs, machine {}, differs (from the first context, as people read it; null of the
//               first)}], by their first run
//   series    [{scenario, variant, context, metric, unit, more_is_better, searched,
//               points [{run, trials, median, least, most}],
//               segments [{from, to (the first point after it), median}],
//               changes [{at (the first point after it), run, p, before, after,
//                         change (ln(after/before); null where either is 0)}]}]
//
// `run`, `context`, `at`, `from` and `to` are places in these lists, from 0.
#pragma once

#include <cstddef>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "compare/measured.hpp"
#include "core/view.hpp"

namespace seatrial::compare {

// A step in the middle of n values has p = 2 / (n over n/2) at best: of nine 0.016, which only luck
// in the shuffles brings below the level; of ten 0.008.
inline constexpr std::size_t least_runs = 10;

// Not thread-safe. Same runs, in the same order: same document.
class History {
 public:
  // Takes what it needs of the record and keeps no view of it. Returns why the run is in no
  // series, as the end of a sentence; nothing if it is in some.
  [[nodiscard]] std::optional<std::string> add(const std::string& folder, const View& record);

  [[nodiscard]] std::size_t runs() const { return runs_.size(); }
  [[nodiscard]] nlohmann::json describe() const;

 private:
  using Machine = std::map<std::string, std::string>;
  struct Run {
    nlohmann::json described;
    Machine machine;
  };
  [[nodiscard]] std::vector<std::size_t> by_time() const;

  // By scenario and context; of runs by the order in which they were added.
  std::map<std::string, std::map<Machine, Values>> values_;
  std::vector<Run> runs_;
};

}  // namespace seatrial::compare
