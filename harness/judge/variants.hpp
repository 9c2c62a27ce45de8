// What the trials of each variant add up to, and how sure it is that none of them lost anything.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/checker.hpp"
#include "core/view.hpp"
#include "judge/asked.hpp"

namespace seatrial::judge {

struct Variant {
  std::string name;
  std::map<std::string, std::string> axes;
  std::uint64_t trials = 0, invalid = 0;
  Verdict verdict = Verdict::pass;
  std::uint64_t audited = 0;    // not invalid, acked something, and the audit decided on all
  std::uint64_t with_loss = 0;  // of those
  // No trial with loss: at most this share of such trials has one, with 95 % confidence.
  std::optional<double> loss_bound{};
  // By their keys in the record: outcomes, and what checkers and facts counted.
  std::map<std::string, std::uint64_t> counts{{"acked", 0}, {"unknown", 0}, {"unsent", 0}};
  std::map<std::string, std::uint64_t> errors{};  // by the client's name of each
  std::vector<Answer> asked{};                    // what a reader should see first
};

// A count that was above 0, and how tables head it.
struct Column {
  std::string key, header;
};

struct Variants {
  std::vector<Variant> rows;  // in the order in which they ran
  std::vector<Column> columns;
};
[[nodiscard]] Variants sum_variants(const std::vector<View>& trials,
                                    const std::vector<MetricQuestion>& questions);

// As the trial's record has it; unknown where it has none.
[[nodiscard]] Verdict verdict_of(const View& trial);

}  // namespace seatrial::judge
