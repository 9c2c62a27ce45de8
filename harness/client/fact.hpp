// A number that a pattern counts about its messages once a trial has ended. It stands among the
// totals of its workload in the record, and by its name expectations may ask for it. Registered
// beside the pattern that it is of:
//
//   std::optional<std::uint64_t> committed(const FactSource& source);
//   const auto registration =
//       fact<MetricSide::produced, committed>("transactions_committed", "whose commit ...");
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client/workload.hpp"
#include "core/history.hpp"
#include "core/metric.hpp"
#include "core/registry.hpp"

namespace seatrial {

// What the members of a group did, together.
struct MembersSum {
  std::uint64_t refused_commits = 0;
  std::uint64_t served = 0;   // that were handed messages
  std::uint64_t revoked = 0;  // partitions taken from members that lived, within measure
};

struct FactSource {
  const History& history;
  const std::string& workload;
  const std::string& kind;  // of workload
  const std::string& topic;
  Traits traits;
  std::vector<const LaneReport*> reports{};    // of its lanes
  std::map<std::string, std::uint64_t> counts{};  // what they counted themselves, added up
  const ledger::GroupLedger* group = nullptr;  // of what consumes
  std::optional<MembersSum> members{};         // of what has members
};

class Fact {
 public:
  virtual ~Fact() = default;
  [[nodiscard]] virtual MetricSide side() const = 0;
  [[nodiscard]] virtual Need needs() const = 0;
  // The header of its column in tables over variants, shown where something was counted; empty: it
  // has none.
  [[nodiscard]] virtual std::string column() const = 0;
  // Nothing where it cannot be said of the workload: then the record does not speak of it.
  [[nodiscard]] virtual std::optional<std::uint64_t> count(const FactSource& source) const = 0;
};

inline constexpr char no_column[] = "";

template <MetricSide of, std::optional<std::uint64_t> (*counted)(const FactSource&),
          const char* header = no_column, Need need = Need::nothing>
Registration<Fact> fact(std::string name, std::string help) {
  struct Counted final : Fact {
    [[nodiscard]] MetricSide side() const override { return of; }
    [[nodiscard]] Need needs() const override { return need; }
    [[nodiscard]] std::string column() const override { return header; }
    [[nodiscard]] std::optional<std::uint64_t> count(const FactSource& source) const override {
      return counted(source);
    }
  };
  return Registration<Fact>({.name = std::move(name),
                             .help = std::move(help),
                             .options = {},
                             .make = [](const Options&) -> std::unique_ptr<Fact> {
                               return std::make_unique<Counted>();
                             }});
}

}  // namespace seatrial
