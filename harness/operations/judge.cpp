// Runs the registered checkers in the order of their names, one after the other.
#include "operations/judge.hpp"

#include <exception>

#include "core/check.hpp"
#include "core/registry.hpp"
#include "core/suggest.hpp"
#include "core/units.hpp"
#include "operations/cursor.hpp"

namespace seatrial::operations {
namespace {

Options options_of(const Plugin<OperationChecker>& plugin, const JudgeSettings& settings) {
  std::map<std::string, RawOption> raw;
  for (const auto& option : plugin.options) {
    if (option.name == "at_least") raw[option.name] = {.text = settings.lag};
  }
  std::vector<OptionProblem> problems;
  Options options = Options::check(plugin.options, raw, problems);
  if (!problems.empty()) throw UsageError("--lag: " + problems.front().message);
  return options;
}

std::string messages(std::uint64_t count) {
  return format_count(count) + (count == 1 ? " message was " : " messages were ");
}

void note_what_facts_leave_open(const Facts& facts, Judgement& out) {
  if (facts.polled_messages() == 0) {
    out.notes.push_back("nothing was polled, so nothing is proved");
  }
  if (facts.unsent_messages() > 0) {
    out.notes.push_back(messages(facts.unsent_messages()) +
                        "polled, and never sent in this history: what became of it is not known");
  }
  if (facts.ambiguous_messages() > 0) {
    out.notes.push_back(messages(facts.ambiguous_messages()) +
                        "sent more than once with the same key and value: they cannot be told "
                        "apart and are not judged");
  }
}

// Whoever has a name may do what no client does; but not what is a client's but for a letter.
void note_slips(const History& history, Judgement& out) {
  for (const Skipped& skipped : history.skipped) {
    const std::string meant = did_you_mean(unquoted(skipped.function), function_names());
    if (meant.empty()) continue;
    out.notes.push_back("process " + skipped.process + " does " + skipped.function + meant +
                        ": what it did was not read (" + format_count(skipped.lines) +
                        (skipped.lines == 1 ? " line)" : " lines)"));
  }
}

}  // namespace

std::string_view to_string(Validity validity) {
  switch (validity) {
    case Validity::valid: return "true";
    case Validity::unknown: return "unknown";
    case Validity::invalid: return "false";
  }
  return "?";
}

Judgement judge(const History& history, const JudgeSettings& settings) {
  const Facts facts(history);
  Judgement out;
  note_what_facts_leave_open(facts, out);
  note_slips(history, out);
  bool violated = false;
  for (const auto& [name, plugin] : Registry<OperationChecker>::instance().all()) {
    const auto checker = plugin.make(options_of(plugin, settings));
    Findings findings(settings.limit);
    try {
      checker->check(facts, findings);
    } catch (const std::exception& error) {
      out.notes.push_back("the checker " + name + " failed: " + error.what());
      continue;
    }
    if (findings.count() == 0) continue;
    violated |= findings.worst() == Weight::violation;
    if (findings.worst() == Weight::undecided) {
      out.notes.push_back(name + ": " + plugin.help + " (" + format_count(findings.count()) + ")");
    }
    out.anomalies.emplace(name, std::move(findings));
  }
  out.validity = violated            ? Validity::invalid
                 : out.notes.empty() ? Validity::valid
                                     : Validity::unknown;
  return out;
}

}  // namespace seatrial::operations
