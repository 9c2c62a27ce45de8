// Checks options against their table. Values stay text, as written; the typed readers parse again,
// which cannot fail once `check` let them through.
#include "core/options.hpp"

#include <algorithm>

#include "core/check.hpp"
#include "core/suggest.hpp"

namespace seatrial {
namespace {

std::string complete(const Error& error) {
  return error.hint.empty() ? error.message : error.message + "; " + error.hint;
}

template <class T>
std::string problem_of(const Result<T>& result) {
  return result ? std::string() : complete(result.error());
}

std::string wrong_choice(const OptionSpec& spec, const std::string& text) {
  if (std::find(spec.choices.begin(), spec.choices.end(), text) != spec.choices.end()) return {};
  std::string list;
  for (const auto& choice : spec.choices) list += (list.empty() ? "" : ", ") + choice;
  return "'" + text + "' is none of " + list + did_you_mean(text, spec.choices);
}

// So long that no trial takes it, and so short that sums of several fit into nanoseconds.
constexpr auto longest_duration = std::chrono::hours(24 * 3650);

std::string wrong_duration(const std::string& text) {
  const auto duration = parse_duration(text);
  if (duration && *duration > longest_duration) return "'" + text + "' is longer than 3650d";
  return problem_of(duration);
}

// What is wrong with `text` as a value of the spec's type; empty if nothing.
std::string wrong_type(const OptionSpec& spec, const std::string& text) {
  switch (spec.type) {
    case OptionType::text: return text.empty() ? "must not be empty" : "";
    case OptionType::integer: return problem_of(parse_integer(text));
    case OptionType::number: return problem_of(parse_number(text));
    case OptionType::boolean: return problem_of(parse_boolean(text));
    case OptionType::duration: return wrong_duration(text);
    case OptionType::size: return problem_of(parse_size(text));
    case OptionType::rate: return problem_of(parse_rate(text));
    case OptionType::choice: return wrong_choice(spec, text);
    case OptionType::properties: return "takes a map, as in {name: value}";
  }
  return {};
}

const OptionSpec* find_spec(const std::vector<OptionSpec>& specs, std::string_view name) {
  const auto it = std::find_if(specs.begin(), specs.end(),
                               [&](const OptionSpec& s) { return s.name == name; });
  return it == specs.end() ? nullptr : &*it;
}

std::string unknown_name(const std::vector<OptionSpec>& specs, const std::string& name) {
  std::vector<std::string> names;
  for (const auto& spec : specs) names.push_back(spec.name);
  const auto suggestion = did_you_mean(name, names);
  if (!suggestion.empty()) return "unknown key '" + name + "'" + suggestion;
  std::string list;
  for (const auto& known : names) list += (list.empty() ? "" : ", ") + known;
  return "unknown key '" + name + "'" +
         (list.empty() ? "; there are none here" : "; keys are " + list);
}

void check_value(const OptionSpec& spec, const RawOption& value,
                 std::vector<OptionProblem>& problems) {
  const auto add = [&](const std::string& name, const std::string& what) {
    if (!what.empty()) problems.push_back({name, spec.name + ": " + what});
  };
  if (spec.type == OptionType::properties && value.is_map) {
    for (const auto& [key, text] : value.entries) {
      if (spec.validate != nullptr) add(spec.name + "." + key, spec.validate(key + "=" + text));
    }
    return;
  }
  if (value.is_map) return add(spec.name, "takes one value, not a map");
  const auto wrong = wrong_type(spec, value.text);
  if (!wrong.empty()) return add(spec.name, wrong);
  if (spec.validate != nullptr) add(spec.name, spec.validate(value.text));
}

}  // namespace

Options Options::check(const std::vector<OptionSpec>& specs,
                       const std::map<std::string, RawOption>& raw,
                       std::vector<OptionProblem>& problems) {
  Options out;
  for (const auto& [name, value] : raw) {
    const auto* spec = find_spec(specs, name);
    if (spec == nullptr) {
      problems.push_back({name, unknown_name(specs, name)});
      continue;
    }
    const auto before = problems.size();
    check_value(*spec, value, problems);
    if (problems.size() == before) out.values_[name] = value;
  }
  for (const auto& spec : specs) {
    if (raw.contains(spec.name)) continue;
    if (spec.required) {
      problems.push_back({spec.name, "missing key '" + spec.name + "'" +
                                         (spec.help.empty() ? "" : " (" + spec.help + ")")});
    } else if (!spec.fallback.empty()) {
      seatrial::check(
          spec.type != OptionType::properties && wrong_type(spec, spec.fallback).empty(),
          "default of option '" + spec.name + "' has its type");
      out.values_[spec.name] = RawOption{.text = spec.fallback, .entries = {}, .is_map = false};
    } else if (spec.type == OptionType::properties) {
      out.values_[spec.name] = RawOption{.text = {}, .entries = {}, .is_map = true};
    }
  }
  return out;
}

bool Options::has(std::string_view name) const { return values_.contains(std::string(name)); }

namespace {

const RawOption& value_of(const std::map<std::string, RawOption>& values, std::string_view name,
                          bool is_map) {
  const auto it = values.find(std::string(name));
  seatrial::check(it != values.end() && it->second.is_map == is_map,
                  "option '" + std::string(name) + "' is read as it is declared, if it is set");
  return it->second;
}

template <class T>
T checked(std::string_view name, Result<T> result) {
  seatrial::check(result.has_value(),
                  "option '" + std::string(name) + "' is read with the type it is declared with");
  return std::move(result).value();
}

}  // namespace

const std::string& Options::text(std::string_view name) const {
  return value_of(values_, name, false).text;
}
std::int64_t Options::integer(std::string_view name) const {
  return checked(name, parse_integer(text(name)));
}
double Options::number(std::string_view name) const {
  return checked(name, parse_number(text(name)));
}
bool Options::boolean(std::string_view name) const {
  return checked(name, parse_boolean(text(name)));
}
nanoseconds Options::duration(std::string_view name) const {
  return checked(name, parse_duration(text(name)));
}
std::uint64_t Options::bytes(std::string_view name) const {
  return checked(name, parse_size(text(name)));
}
Rate Options::rate(std::string_view name) const { return checked(name, parse_rate(text(name))); }
const std::map<std::string, std::string>& Options::properties(std::string_view name) const {
  return value_of(values_, name, true).entries;
}

}  // namespace seatrial
