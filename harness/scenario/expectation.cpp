// Reads expectations with a table of metrics and one of functions, and judges them.
#include "scenario/expectation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <set>

#include "client/fact.hpp"
#include "core/check.hpp"
#include "core/checker.hpp"
#include "core/metric.hpp"
#include "core/registry.hpp"
#include "core/suggest.hpp"
#include "core/units.hpp"

namespace seatrial::scenario {
namespace {

using enum MetricKind;
using enum MetricSide;

// A checker's count is a metric by the checker's own name and words: what they find comes first.
std::vector<MetricSpec> collect_metrics() {
  std::vector<MetricSpec> out;
  for (const auto& [name, plugin] : Registry<Checker>::instance().all()) {
    const auto checker = plugin.make(Options{});
    const CountOf of = checker->count_of();
    if (of == CountOf::nothing) continue;
    out.push_back({.name = metric_of_checker(name),
                   .kind = count,
                   .side = of == CountOf::consumed ? consumed : produced,
                   .needs = checker->needs(),
                   .help = plugin.help,
                   .origin = MetricSpec::Origin::checker,
                   .plugin = name});
  }
  for (const auto& [name, plugin] : Registry<Fact>::instance().all()) {
    const auto fact = plugin.make(Options{});
    out.push_back({.name = name,
                   .kind = count,
                   .side = fact->side(),
                   .needs = fact->needs(),
                   .help = plugin.help,
                   .origin = MetricSpec::Origin::fact,
                   .plugin = name});
  }
  for (const auto& [name, plugin] : Registry<Metric>::instance().all()) {
    const auto metric = plugin.make(Options{});
    out.push_back({.name = name,
                   .kind = metric->kind(),
                   .side = metric->side(),
                   .needs = metric->needs(),
                   .help = plugin.help,
                   .origin = MetricSpec::Origin::metric,
                   .plugin = name});
  }
  std::set<std::string> names;
  for (const auto& spec : out) {
    check(names.insert(spec.name).second, "two metrics are named " + spec.name);
  }
  return out;
}

constexpr std::array<std::string_view, 6> known_functions{"p50",   "p90", "p99",
                                                          "p99.9", "max", "mean"};
constexpr double samples_beyond = 10;

template <class Table, class Name>
std::string suggestion(std::string_view wrong, const Table& table, Name name) {
  std::vector<std::string> names;
  for (const auto& row : table) names.emplace_back(name(row));
  const auto found = did_you_mean(wrong, names);
  if (!found.empty()) return found;
  std::string list;
  for (const auto& known : names) list += (list.empty() ? "" : " ") + known;
  return "; there are " + list;
}

// A text with the place of its first letter in the whole.
struct Piece {
  std::string_view text;
  std::size_t position = 0;

  [[nodiscard]] Piece part(std::size_t from, std::size_t length = std::string_view::npos) const {
    return Piece{text.substr(from, length), position + from}.trimmed();
  }
  [[nodiscard]] Piece trimmed() const {
    Piece out = *this;
    while (!out.text.empty() && out.text.front() == ' ') {
      out.text.remove_prefix(1);
      ++out.position;
    }
    while (!out.text.empty() && out.text.back() == ' ') out.text.remove_suffix(1);
    return out;
  }
};

using Problem = std::optional<ExpectationError>;

Problem wrong(const Piece& at, std::string message) {
  return ExpectationError{at.position, std::move(message)};
}

Problem parse_function(const Piece& piece, const MetricSpec& metric, MetricQuestion& out) {
  std::string name(piece.text);
  if (name == "p999") name = "p99.9";
  const bool known =
      std::find(known_functions.begin(), known_functions.end(), name) != known_functions.end();
  if (!known) {
    return wrong(piece, "unknown function " + in_quotes(name) +
                            suggestion(name, known_functions, [](auto f) { return f; }));
  }
  const bool fits = metric.kind == latency || (metric.kind == duration && name == "max");
  if (!fits) {
    return wrong(piece,
                 in_quotes(metric.name) + " takes no function: write " + metric.name + " alone");
  }
  out.function = name;
  return std::nullopt;
}

Problem parse_metric(Piece piece, const MetricSpec*& metric, MetricQuestion& out) {
  // No metric has a dot, and a workload's name may.
  if (const auto dot = piece.text.rfind('.'); dot != std::string_view::npos) {
    out.workload = piece.part(0, dot).text;
    if (out.workload.empty()) return wrong(piece, "a workload's name is missing before the dot");
    piece = piece.part(dot + 1);
  }
  metric = find_metric(piece.text);
  if (metric == nullptr) {
    return wrong(piece, "unknown metric " + in_quotes(piece.text) +
                            suggestion(piece.text, metrics(), [](auto& m) { return m.name; }));
  }
  if (metric->side == cluster && !out.workload.empty()) {
    return wrong(piece, in_quotes(piece.text) +
                            " belongs to the cluster, not to a workload: leave '" + out.workload +
                            ".' out");
  }
  out.metric = piece.text;
  return std::nullopt;
}

Problem parse_left(const Piece& left, MetricQuestion& out) {
  const MetricSpec* metric = nullptr;
  const auto open = left.text.find('(');
  if (open == std::string_view::npos) {
    if (auto problem = parse_metric(left, metric, out)) return problem;
    if (metric->kind == latency) {
      return wrong(left, in_quotes(metric->name) + " needs a function, as in p99(" +
                             std::string(left.text) + ")");
    }
    return std::nullopt;
  }
  if (left.text.back() != ')') return wrong(left, "a ')' is missing after " + in_quotes(left.text));
  const auto inner = left.part(open + 1, left.text.size() - open - 2);
  if (auto problem = parse_metric(inner, metric, out)) return problem;
  return parse_function(left.part(0, open), *metric, out);
}

Result<double> parse_value(MetricKind kind, std::string_view text) {
  const auto fail = [](const Error& e) {
    return Error{e.hint.empty() ? e.message : e.message + "; " + e.hint, ""};
  };
  switch (kind) {
    case count: {
      const auto value = parse_integer(text);
      if (!value) return fail(value.error());
      return static_cast<double>(*value);
    }
    case share: return parse_share(text);
    case latency:
    case duration: {
      const auto value = parse_duration(text);
      if (!value) return fail(value.error());
      return static_cast<double>(value->count());
    }
    case ratio: return parse_number(text);
    case rate: break;
  }
  const auto value = parse_rate(text);
  if (!value) return fail(value.error());
  if (value->unlimited) return Error{"'max' is no rate to compare with", ""};
  return value->per_second();
}

using enum ExpectationOutcome;

constexpr double infinity = std::numeric_limits<double>::infinity();

// Decided where every value that it can have gives the same answer.
ExpectationOutcome decide(const Expectation& e, const Measured& m) {
  const bool least = holds(e.comparison, m.least, e.value);
  const bool most = holds(e.comparison, m.most, e.value);
  const bool between = m.least < e.value && e.value < m.most;  // where equality is met or missed
  const bool differs =
      between && (e.comparison == Comparison::equal || e.comparison == Comparison::not_equal);
  if (least != most || differs) return ExpectationOutcome::unknown;
  return least ? held : ExpectationOutcome::failed;
}

ExpectationOutcome judge_each(const Expectation& e, const std::vector<Measured>& all) {
  ExpectationOutcome out = held;
  for (const Measured& one : all) {
    const auto own = decide(e, one);
    if (own == ExpectationOutcome::failed) return own;
    if (own == ExpectationOutcome::unknown) out = own;
  }
  return out;
}

ExpectationOutcome judge_any(const Expectation& e, const std::vector<Measured>& all) {
  ExpectationOutcome out = ExpectationOutcome::failed;
  for (const Measured& one : all) {
    const auto own = decide(e, one);
    if (own == held) return own;
    if (own == ExpectationOutcome::unknown) out = own;
  }
  return out;
}

// Of counts: a trial of which nothing is known can only add.
Measured sum_of(const std::vector<Measured>& all) {
  Measured sum;
  for (const Measured& one : all) {
    sum.least += std::max(0.0, one.least);
    sum.most += one.most;
  }
  return sum;
}

std::string span_text(const Expectation& e, double least, double most) {
  if (least == most) return format_value(e, least);
  if (least == -infinity && most == infinity) return "nothing that all share";
  if (most == infinity) return "at least " + format_value(e, least);
  if (least == -infinity) return "at most " + format_value(e, most);
  return format_value(e, least) + " to " + format_value(e, most);
}

std::string describe(const Expectation& e, const std::vector<Measured>& all) {
  std::vector<Measured> some;
  std::copy_if(all.begin(), all.end(), std::back_inserter(some),
               [](const Measured& m) { return m.bounded(); });
  if (some.empty()) return "nothing";
  const auto missing = all.size() - some.size();
  auto text = [&] {
    if (e.over == Over::sum) {
      const Measured sum = sum_of(some);
      return span_text(e, sum.least, sum.most);
    }
    const auto low = std::min_element(some.begin(), some.end(),
                                      [](auto& a, auto& b) { return a.least < b.least; });
    const auto high = std::max_element(some.begin(), some.end(),
                                       [](auto& a, auto& b) { return a.most < b.most; });
    return span_text(e, low->least, high->most);
  }();
  if (all.size() > 1)
    text += fmt::format(" ({} trial{})", some.size(), some.size() == 1 ? "" : "s");
  if (missing > 0) text += fmt::format(", {} without a value", missing);
  return text;
}

std::string reasons_of(const std::vector<Measured>& all) {
  std::vector<std::string> each;
  for (const Measured& one : all) {
    if (!one.known() && std::find(each.begin(), each.end(), one.why) == each.end())
      each.push_back(one.why);
  }
  std::string out;
  for (const auto& why : each) out += (out.empty() ? "" : "; ") + why;
  return out;
}

}  // namespace

Result<double> parse_share(std::string_view text) {
  const bool percent = !text.empty() && text.back() == '%';
  if (percent) text.remove_suffix(1);
  const auto number = parse_number(text);
  if (!number) return Error{number.error().message + ": write a share as 0.05 or 5%", ""};
  return percent ? *number / 100 : *number;
}

std::optional<double> percentile_of(std::string_view function) {
  if (function.empty() || function.front() != 'p') return std::nullopt;
  const auto number = parse_number(function.substr(1));
  return number ? std::optional(*number) : std::nullopt;
}

std::uint64_t samples_needed(double percentile) {
  return static_cast<std::uint64_t>(std::llround(samples_beyond * 100 / (100 - percentile)));
}

std::span<const std::string_view> latency_functions() { return known_functions; }

std::span<const MetricSpec> metrics() {
  static const std::vector<MetricSpec> all = collect_metrics();
  return all;
}

bool more_is_better(const MetricSpec& metric) {
  static constexpr std::array<std::string_view, 6> good{
      "acked", "consumed", "distinct", "intended", "members_served", "transactions_committed"};
  return metric.kind == MetricKind::rate || std::ranges::find(good, metric.name) != good.end();
}

std::string metric_of_checker(std::string checker) {
  std::replace(checker.begin(), checker.end(), '-', '_');
  return checker;
}

const MetricSpec* find_metric(std::string_view name) {
  const auto all = metrics();
  const auto it =
      std::find_if(all.begin(), all.end(), [&](const MetricSpec& m) { return m.name == name; });
  return it == all.end() ? nullptr : &*it;
}

std::optional<ExpectationError> parse_that(std::string_view text, Expectation& out) {
  const Piece whole{text, 0};
  const auto at = text.find_first_of("=!<>");
  if (at == std::string_view::npos) {
    return wrong(whole.trimmed(),
                 in_quotes(text) + " compares nothing: write it as in acked_lost == 0");
  }
  const auto rest = text.substr(at);
  const Operator* op = leading_operator(rest);
  if (op == nullptr) {
    return wrong(Piece{rest, at}, "unknown comparison '" + std::string(1, rest[0]) +
                                      "' (did you mean '" + std::string(1, rest[0]) + "='?)" +
                                      (rest[0] == '=' ? "; equality is '=='" : ""));
  }
  const auto left = whole.part(0, at);
  const auto right = whole.part(at + op->text.size());
  if (left.text.empty()) return wrong(left, "a metric is missing before " + in_quotes(op->text));
  if (right.text.empty()) return wrong(right, "a value is missing after " + in_quotes(op->text));
  out.text = text;
  out.comparison = op->comparison;
  if (auto problem = parse_left(left, out)) return problem;
  const auto value = parse_value(find_metric(out.metric)->kind, right.text);
  if (!value) return wrong(right, value.error().message);
  out.value = *value;
  return std::nullopt;
}

std::optional<ExpectationError> parse_question(std::string_view text, MetricQuestion& out) {
  const Piece whole = Piece{text, 0}.trimmed();
  if (whole.text.empty()) return wrong(whole, "a metric is missing");
  if (const auto at = whole.text.find_first_of("=!<>"); at != std::string_view::npos)
    return wrong(whole.part(at), "compares with nothing here: write the metric alone");
  return parse_left(whole, out);
}

std::string question_text(const MetricQuestion& question) {
  const std::string metric =
      (question.workload.empty() ? "" : question.workload + ".") + question.metric;
  return (question.function.empty() ? metric : question.function + "(" + metric + ")") +
         (question.outside_faults ? " outside faults" : "");
}

bool covers(const Expectation& expectation, const std::map<std::string, std::string>& axes) {
  return std::all_of(expectation.where.begin(), expectation.where.end(), [&](const auto& wanted) {
    const auto axis = axes.find(wanted.first);
    return axis != axes.end() && std::find(wanted.second.begin(), wanted.second.end(),
                                           axis->second) != wanted.second.end();
  });
}

Evaluated evaluate(const Expectation& expectation, std::span<const TrialMetrics> trials) {
  Evaluated out;
  std::vector<Measured> all;
  for (const auto& trial : trials) {
    if ((trial.excluded && !expectation.control) || !covers(expectation, trial.axes)) continue;
    out.trials.push_back(trial.trial);
    all.push_back(trial.value(expectation));
  }
  if (all.empty()) {
    out.observed = "nothing";
    out.why = "no valid trial is covered";
    return out;
  }
  switch (expectation.over) {
    case Over::each: out.outcome = judge_each(expectation, all); break;
    case Over::any: out.outcome = judge_any(expectation, all); break;
    case Over::sum: out.outcome = decide(expectation, sum_of(all)); break;
  }
  out.observed = describe(expectation, all);
  out.why = reasons_of(all);
  return out;
}

std::string to_string(ExpectationOutcome outcome) {
  switch (outcome) {
    case held: return "held";
    case ExpectationOutcome::failed: return "failed";
    case ExpectationOutcome::unknown: break;
  }
  return "unknown";
}

std::string to_string(Over over) {
  return over == Over::each ? "each" : over == Over::any ? "any" : "sum";
}

std::string format_value(const MetricQuestion& question, double value) {
  const auto* metric = find_metric(question.metric);
  switch (metric == nullptr ? count : metric->kind) {
    case share: return fmt::format("{:.4g} %", value * 100);
    case ratio: return fmt::format("{:.4g}", value);
    case latency:
    case duration: return format_duration(nanoseconds{std::llround(value)});
    case rate:
      return format_count(static_cast<std::uint64_t>(std::llround(std::max(0.0, value)))) + "/s";
    case count: break;
  }
  if (value < 0) return fmt::format("{:.0f}", value);
  return format_count(static_cast<std::uint64_t>(std::llround(value)));
}

}  // namespace seatrial::scenario
