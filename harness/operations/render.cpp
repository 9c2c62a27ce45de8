// Keys and values are put into the JSON as the history's own tokens, so that no number is rounded.
#include "operations/render.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "core/json_text.hpp"
#include "core/registry.hpp"
#include "core/suggest.hpp"
#include "core/units.hpp"

namespace seatrial::operations {
namespace {

constexpr std::size_t shown = 5;             // findings of each anomaly in the text
constexpr std::size_t shown_operations = 6;  // of a finding in the text
constexpr std::size_t shown_token = 60;      // characters of a value in the text

template <class Items, class Render>
std::string list(const Items& items, Render render) {
  std::string out;
  for (const auto& item : items) out += (out.empty() ? "" : ", ") + render(item);
  return "[" + out + "]";
}

std::string operation_json(const History& history, const Proof& proof) {
  const Operation& operation = history[proof.operation];
  return "{\"role\": \"" + std::string(proof.role) +
         "\", \"index\": " + std::to_string(operation.index) +
         ", \"line\": " + std::to_string(operation.line) +
         ", \"time\": " + std::to_string(operation.time_ns) +
         ", \"process\": " + history.processes.json(operation.process.value) + ", \"type\": \"" +
         std::string(to_string(operation.outcome)) + "\", \"f\": \"" +
         std::string(to_string(operation.function)) + "\"}";
}

std::string counted(std::uint64_t count, const std::string& one) {
  return format_count(count) + " " + one + (count == 1 ? "" : one.ends_with("s") ? "es" : "s");
}

std::string shortened(std::string token) {
  if (token.size() <= shown_token) return token;
  std::size_t end = shown_token;
  while ((static_cast<unsigned char>(token[end]) & 0xC0U) == 0x80U) --end;
  return token.substr(0, end) + "...";
}

std::string quoted(const std::string& text) { return json_text(nlohmann::json(text)); }

std::string line_text(const History& history, std::uint32_t line) {
  return (history.is_array ? "operation " : "line ") + std::to_string(line);
}

std::string operation_text(const History& history, const Proof& proof) {
  const Operation& operation = history[proof.operation];
  return std::string(proof.role) + ": " + std::string(to_string(operation.outcome)) + " " +
         std::string(to_string(operation.function)) + " of process " +
         history.processes.json(operation.process.value) + ", " +
         line_text(history, operation.line);
}

std::string finding_text(const History& history, const Finding& finding) {
  std::string out = "    ";
  if (finding.key) out += "key " + shortened(history.keys.json(finding.key->value));
  const std::size_t values = std::min(finding.values.size(), shown_operations);
  const std::uint64_t all_values = finding.values.size() + finding.more_values;
  for (std::size_t i = 0; i < values; ++i) {
    out += (i == 0 ? ": " : ", ") + shortened(history.messages.json(finding.values[i])) + " at ";
    out +=
        finding.offsets[i] == no_offset ? "an unknown offset" : std::to_string(finding.offsets[i]);
  }
  if (values < all_values) out += "; and " + format_count(all_values - values) + " more";
  if (finding.skipped > 0) out += "; passed over " + format_count(finding.skipped);
  if (finding.lag_ns) out += "; " + format_duration(nanoseconds(*finding.lag_ns)) + " behind";
  if (finding.key) out += "\n      ";
  const std::size_t count = std::min(finding.operations.size(), shown_operations);
  const std::uint64_t all = finding.operations.size() + finding.more_operations;
  for (std::size_t i = 0; i < count; ++i) {
    out += (i == 0 ? "" : "; ") + operation_text(history, finding.operations[i]);
  }
  if (count < all) out += "; and " + format_count(all - count) + " more";
  return out + "\n";
}

}  // namespace

std::string finding_json(const History& history, const Finding& finding, bool several) {
  const auto value = [&](MessageId id) { return history.messages.json(id); };
  const auto offset = [](std::int64_t o) { return o == no_offset ? "null" : std::to_string(o); };
  std::string out = "{\"weight\": \"" + std::string(to_string(finding.weight)) + "\"";
  if (several) out += ", \"history\": " + quoted(history.name);
  if (finding.key) out += ", \"key\": " + history.keys.json(finding.key->value);
  if (!finding.values.empty()) {
    out += ", \"values\": " + list(finding.values, value);
    out += ", \"offsets\": " + list(finding.offsets, offset);
  }
  if (finding.more_values > 0) out += ", \"more_values\": " + std::to_string(finding.more_values);
  if (finding.skipped > 0) {
    out += ", \"skipped\": " + std::to_string(finding.skipped);
    out += ", \"skipped_values\": " + list(finding.skipped_values, value);
  }
  if (finding.lag_ns) out += ", \"lag_ns\": " + std::to_string(*finding.lag_ns);
  out += ", \"operations\": " +
         list(finding.operations, [&](const Proof& p) { return operation_json(history, p); });
  if (finding.more_operations > 0) {
    out += ", \"more_operations\": " + std::to_string(finding.more_operations);
  }
  return out + "}";
}

std::string skipped_json(const History& history, const Skipped& skipped, bool several) {
  return "{\"f\": " + skipped.function + ", \"process\": " + skipped.process +
         ", \"lines\": " + std::to_string(skipped.lines) +
         ", \"first_line\": " + std::to_string(skipped.first_line) +
         (several ? ", \"history\": " + quoted(history.name) : "") + "}";
}

std::string reason_json(const History& history, const std::string& reason, bool several) {
  return "{\"reason\": " + quoted(reason) +
         (several ? ", \"history\": " + quoted(history.name) : "") + "}";
}

std::string unreadable_json(const std::string& path, const std::string& message) {
  return "{\"history\": " + quoted(path) + ", \"error\": " + quoted(message) + "}";
}

std::string judgement_json(const JsonParts& parts) {
  std::string out = "{\"valid\": ";
  out +=
      parts.validity == Validity::unknown ? "\"unknown\"" : std::string(to_string(parts.validity));
  out += ", \"anomalies\": {";
  bool first = true;
  for (const auto& [name, items] : parts.findings) {
    out += std::string(first ? "\n  \"" : ",\n  \"") + name + "\": [";
    for (std::size_t i = 0; i < items.size(); ++i)
      out += (i == 0 ? "\n    " : ",\n    ") + items[i];
    out += "\n  ]";
    first = false;
  }
  out += first ? "}" : "\n}";
  first = true;
  for (const auto& [name, count] : parts.not_listed) {
    out += std::string(first ? ", \"not_listed\": {\"" : ", \"") + name +
           "\": " + std::to_string(count);
    first = false;
  }
  if (!first) out += "}";
  for (const auto& [name, items] :
       {std::pair{"reasons", &parts.reasons}, std::pair{"skipped", &parts.skipped},
        std::pair{"unreadable", &parts.unreadable}}) {
    if (items->empty()) continue;
    out += std::string(", \"") + name + "\": [";
    for (std::size_t i = 0; i < items->size(); ++i)
      out += (i == 0 ? "\n    " : ",\n    ") + (*items)[i];
    out += "\n  ]";
  }
  return out + "}\n";
}

namespace {

std::string skipped_text(const History& history) {
  std::string out;
  const auto& all = history.skipped;
  for (std::size_t i = 0; i < std::min(all.size(), shown); ++i) {
    const std::string name(all[i].function.substr(1, all[i].function.size() - 2));
    out += "  skipped: " + counted(all[i].lines, "line") + " in which process " +
           shortened(all[i].process) + " does " + shortened(all[i].function) +
           ", which is none of a client's functions" +
           did_you_mean(name, function_names()) +
           "; first in " + line_text(history, all[i].first_line) + "\n";
  }
  if (all.size() > shown) {
    out += "  skipped: and " + counted(all.size() - shown, "more kind") + " of lines\n";
  }
  return out;
}

}  // namespace

std::string judgement_text(const History& history, const Judgement& judgement) {
  const char* verdict = judgement.validity == Validity::valid     ? "valid"
                        : judgement.validity == Validity::invalid ? "INVALID"
                                                                  : "unknown";
  std::string out = history.name + ": " + verdict + "\n  " + counted(history.size(), "operation") +
                    " of " + counted(history.processes.size(), "process") + ", " +
                    counted(history.messages.size(), "message") + " of " +
                    counted(history.keys.size(), "key") + "\n" + skipped_text(history);
  for (const auto& [name, findings] : judgement.anomalies) {
    const auto* plugin = Registry<OperationChecker>::instance().find(name);
    out += "  " + name + ", " + format_count(findings.count()) + ", " +
           std::string(to_string(findings.worst())) +
           (plugin == nullptr ? "" : ": " + plugin->help) + "\n";
    const auto& kept = findings.kept();
    for (std::size_t i = 0; i < std::min(kept.size(), shown); ++i) {
      out += finding_text(history, kept[i]);
    }
    if (findings.count() > shown) {
      out += "    and " + format_count(findings.count() - std::min(kept.size(), shown)) + " more\n";
    }
  }
  for (const auto& note : judgement.notes) out += "  unknown: " + note + "\n";
  return out;
}

}  // namespace seatrial::operations
