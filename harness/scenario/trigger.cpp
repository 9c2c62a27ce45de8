// Reads and writes triggers.
#include "scenario/trigger.hpp"

#include <vector>

#include "core/suggest.hpp"
#include "core/target.hpp"
#include "core/units.hpp"

namespace seatrial::scenario {
namespace {

using ConditionKind = Condition::Kind;

constexpr std::string_view when_usage =
    "write isr(topic/0) < 3, lag(workload) > 10000 or moved(leader(topic/0))";

std::string_view without_blanks(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// Reads the part after the parenthesis: `< 3`.
std::optional<Error> read_comparison(std::string_view rest, std::string_view all, Condition& out) {
  const auto* found = leading_operator(rest);
  if (found == nullptr) {
    return Error{in_quotes(all) + " compares with nothing: write it as in isr(topic/0) < 3", ""};
  }
  const auto digits = without_blanks(rest.substr(found->text.size()));
  const auto value = parse_integer(digits);
  if (!value || *value < 0) {
    return Error{in_quotes(digits) + " in " + in_quotes(all) + " is not a whole number from 0 on",
                 ""};
  }
  out.comparison = found->comparison;
  out.value = static_cast<std::uint64_t>(*value);
  return std::nullopt;
}

// orders/0, by the rules of targets.
std::optional<Error> read_partition(std::string_view text, std::string_view all, Condition& out) {
  const auto target = parse_target("leader(" + std::string(text) + ")");
  if (!target) {
    return Error{in_quotes(text) + " in " + in_quotes(all) + " must be a partition, as in orders/0",
                 ""};
  }
  out.where = target->where;
  return std::nullopt;
}

std::optional<Error> read_moved(std::string_view argument, std::string_view all, Condition& out) {
  const auto target = parse_target(argument);
  if (!target) return target.error();
  if (target->kind != Target::Kind::leader) {
    return Error{in_quotes(all) + ": only leaders move: write moved(leader(topic/0))", ""};
  }
  out.where = target->where;
  return std::nullopt;
}

std::optional<Error> read_condition(std::string_view argument, std::string_view rest,
                                    std::string_view all, Condition& out) {
  if (out.kind == ConditionKind::moved) {
    if (!rest.empty()) {
      return Error{in_quotes(all) + ": moved(...) is compared with nothing", ""};
    }
    return read_moved(argument, all, out);
  }
  if (auto wrong = read_comparison(rest, all, out)) return wrong;
  if (out.kind == ConditionKind::isr) return read_partition(argument, all, out);
  out.name = argument;
  if (argument.empty()) return Error{in_quotes(all) + " names no workload", ""};
  return std::nullopt;
}

}  // namespace

Result<Condition> parse_when(std::string_view text) {
  text = without_blanks(text);
  const auto open = text.find('(');
  const auto close = text.rfind(')');
  const auto name = text.substr(0, open);
  Condition out;
  if (name == "isr") out.kind = ConditionKind::isr;
  else if (name == "lag") out.kind = ConditionKind::lag;
  else if (name == "moved") out.kind = ConditionKind::moved;
  else {
    const std::vector<std::string> names{"isr", "lag", "moved"};
    const auto word = name.substr(0, name.find(' '));
    return Error{"unknown condition " + in_quotes(text) + did_you_mean(word, names),
                 std::string(when_usage)};
  }
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) {
    return Error{in_quotes(text) + " lacks its parentheses", std::string(when_usage)};
  }
  const auto argument = without_blanks(text.substr(open + 1, close - open - 1));
  if (auto wrong = read_condition(argument, without_blanks(text.substr(close + 1)), text, out))
    return *wrong;
  return out;
}

Result<Condition> parse_after_fault(std::string_view text) {
  constexpr std::string_view word = "fault ";
  text = without_blanks(text);
  const auto space = text.rfind(' ');
  const std::string usage = "write `fault NAME effective` or `fault NAME healed`";
  if (!text.starts_with(word) || space < word.size()) {
    return Error{in_quotes(text) + " names no fault and no state of it", usage};
  }
  Condition out;
  const std::string state(text.substr(space + 1));
  out.name = without_blanks(text.substr(word.size(), space - word.size()));
  if (out.name.empty()) return Error{in_quotes(text) + " names no fault", usage};
  out.kind = state == "healed" ? ConditionKind::healed : ConditionKind::effective;
  if (state != "healed" && state != "effective") {
    const std::vector<std::string> states{"effective", "healed"};
    return Error{"a fault is never " + in_quotes(state) + did_you_mean(state, states), usage};
  }
  return out;
}

std::string to_string(const Condition& condition) {
  const auto compared = [&](const std::string& what) {
    return what + " " + to_string(condition.comparison) + " " + std::to_string(condition.value);
  };
  switch (condition.kind) {
    case ConditionKind::isr: return compared("isr(" + to_string(condition.where) + ")");
    case ConditionKind::lag: return compared("lag(" + condition.name + ")");
    case ConditionKind::moved: return "moved(leader(" + to_string(condition.where) + "))";
    case ConditionKind::effective: return "fault " + condition.name + " effective";
    case ConditionKind::healed: return "fault " + condition.name + " healed";
  }
  return "?";
}

std::string describe(const Trigger& trigger) {
  std::string out;
  if (trigger.at) {
    out = "at " + format_duration(*trigger.at);
  } else if (trigger.when) {
    out = (names_fault(trigger.when->kind) ? "after " : "when ") + to_string(*trigger.when);
  } else {
    out = "after " + format_count(trigger.after_acked.value_or(0)) + " acked";
  }
  if (trigger.delay > nanoseconds{0}) out += ", " + format_duration(trigger.delay) + " later";
  return out;
}

}  // namespace seatrial::scenario
