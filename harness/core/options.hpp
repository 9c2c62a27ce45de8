// Typed options of plug-ins: a plug-in states a table (name, type, default, help), a scenario gives
// text, and everything unread, misspelt or out of range is an error with the nearest valid name.
// Values are checked once, when the plan is made; readers after that cannot fail.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.hpp"
#include "core/time.hpp"
#include "core/units.hpp"

namespace seatrial {

enum class OptionType { text, integer, number, boolean, duration, size, rate, choice, properties };

struct OptionSpec {
  std::string name;
  OptionType type = OptionType::text;
  std::string fallback;                 // as it would be written; empty: absent unless given
  std::string help;                     // one line, with the unit's meaning where it is not obvious
  std::vector<std::string> choices;     // of OptionType::choice
  bool required = false;
  // Further check of a well-typed value: returns what is wrong, or an empty string. May be null.
  // Of OptionType::properties it is called for each entry, as `name=value`.
  std::string (*validate)(std::string_view value) = nullptr;
};

// What a scenario gives for one option: a scalar's text, or (properties) a map of scalars.
struct RawOption {
  std::string text;
  std::map<std::string, std::string> entries;
  bool is_map = false;
};

struct OptionProblem {
  std::string name;     // the option at fault; `option.entry` for an entry of properties
  std::string message;  // complete, the option's name and suggestion included
};

class Options {
 public:
  Options() = default;

  // Checks `raw` against `specs`, fills defaults, and lists every problem rather than the first.
  static Options check(const std::vector<OptionSpec>& specs,
                       const std::map<std::string, RawOption>& raw,
                       std::vector<OptionProblem>& problems);

  [[nodiscard]] bool has(std::string_view name) const;
  // Readers of checked values; asking for an unknown name or another type is a broken invariant.
  [[nodiscard]] const std::string& text(std::string_view name) const;  // also for choice
  [[nodiscard]] std::int64_t integer(std::string_view name) const;
  [[nodiscard]] double number(std::string_view name) const;
  [[nodiscard]] bool boolean(std::string_view name) const;
  [[nodiscard]] nanoseconds duration(std::string_view name) const;
  [[nodiscard]] std::uint64_t bytes(std::string_view name) const;
  [[nodiscard]] Rate rate(std::string_view name) const;
  [[nodiscard]] const std::map<std::string, std::string>& properties(std::string_view name) const;

  // Where relative paths in values start: the scenario's folder; empty: the working directory.
  [[nodiscard]] const std::string& folder() const { return folder_; }
  void set_folder(std::string folder) { folder_ = std::move(folder); }

  // Every value as text in name order, for plans and records.
  [[nodiscard]] const std::map<std::string, RawOption>& all() const { return values_; }

 private:
  std::map<std::string, RawOption> values_;
  std::string folder_;
};

}  // namespace seatrial
