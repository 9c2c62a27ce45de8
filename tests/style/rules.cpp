// The rules that look at single lines and at includes.
#include "style/rules.hpp"

#include <algorithm>
#include <iterator>
#include <array>
#include <cctype>
#include <map>
#include <optional>
#include <set>

namespace seatrial::style {
namespace {

constexpr std::size_t max_columns = 100;
constexpr std::size_t max_readme_columns = 120;  // people read it in a terminal, too

// Which of our folders each folder may include, beside itself. tests and main see everything.
const std::map<std::string, std::set<std::string>, std::less<>> may_include = {
    {"core", {}},
    {"statistics", {"core"}},
    {"client", {"core"}},
    {"chaos", {"core"}},
    {"scenario", {"core", "client", "chaos"}},
    {"measure", {"core"}},
    {"ledger", {"core"}},
    {"kafka", {"core"}},
    {"proxy", {"core", "kafka"}},
    {"disks", {"core"}},
    {"clusters", {"core", "kafka", "proxy", "disks"}},
    {"faults", {"core", "kafka"}},
    {"checkers", {"core"}},
    {"operations", {"core"}},
    {"workloads", {"core", "client", "measure", "ledger", "kafka"}},
    {"judge", {"core", "client", "scenario", "measure"}},
    {"workers", {"core", "client", "scenario", "measure", "ledger", "kafka", "clusters"}},
    {"record", {"core", "scenario", "measure", "ledger", "workers"}},
    {"reports", {"core", "statistics", "scenario", "judge", "record"}},
    {"run",
     {"core", "client", "scenario", "judge", "workers", "record", "measure", "ledger", "kafka",
      "clusters", "checkers"}},
    {"gate", {"core", "statistics", "client", "scenario", "measure", "record", "judge", "run"}},
    {"capacity", {"core", "statistics", "client", "scenario", "record", "judge", "run"}},
    {"compare", {"core", "statistics", "scenario", "judge", "gate"}},
    {"sizing", {"core", "scenario", "judge"}},
    {"simulate", {"core"}},
    {"cli", {"core",     "client",     "scenario",  "run",      "judge",      "workers",
             "record",   "measure",    "ledger",    "kafka",    "clusters",   "faults",
             "checkers", "operations", "workloads", "reports",  "statistics", "gate",
             "capacity", "compare",    "sizing",    "simulate", "chaos",      "disks"}},
};

struct Include {
  int line;
  std::string path;  // as written
  bool quoted;
};

std::string folder_of(std::string_view path) {
  if (path.starts_with("harness/")) path.remove_prefix(std::string_view("harness/").size());
  const std::size_t slash = path.find('/');
  return slash == path.npos ? "" : std::string(path.substr(0, slash));
}

std::vector<Include> includes_of(const SourceFile& file) {
  std::vector<Include> includes;
  int number = 0;
  for (std::string_view line : lines_of(file.text)) {
    ++number;
    constexpr std::string_view directive = "#include ";
    if (!line.starts_with(directive)) continue;
    line.remove_prefix(directive.size());
    const bool quoted = line.starts_with('"');
    const std::size_t end = line.find(quoted ? '"' : '>', 1);
    if (end == line.npos) continue;
    includes.push_back({number, std::string(line.substr(1, end - 1)), quoted});
  }
  return includes;
}

// The file an include of ours means; nothing for the libraries'.
std::optional<std::string> resolve(const Tree& tree, const std::string& written, bool from_tests) {
  std::vector<std::string> candidates = {"harness/" + written, written};
  if (from_tests) candidates.push_back("tests/" + written);
  for (const std::string& candidate : candidates) {
    if (std::ranges::binary_search(tree, candidate, {}, &SourceFile::path)) return candidate;
  }
  return std::nullopt;
}

std::size_t code_points(std::string_view line) {
  return static_cast<std::size_t>(std::ranges::count_if(
      line, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

bool is_cmake(std::string_view path) {
  return path.ends_with("CMakeLists.txt") || path.ends_with(".cmake");
}

bool is_word_at(std::string_view line, std::size_t at, std::size_t length) {
  const auto is_letter = [&](std::size_t i) {
    return i < line.size() && std::isalpha(static_cast<unsigned char>(line[i])) != 0;
  };
  return !is_letter(at + length) && (at == 0 || !is_letter(at - 1));
}

}  // namespace

Violations include_direction(const Tree& tree) {
  Violations found;
  for (const SourceFile& file : tree) {
    if (!is_cpp(file.path)) continue;
    const bool from_tests = file.path.starts_with("tests/");
    const std::string from = folder_of(file.path);
    const auto allowed = may_include.find(from);
    for (const Include& include : includes_of(file)) {
      const auto add = [&](const std::string& message) {
        found.push_back({"include-direction", file.path, include.line, message});
      };
      const auto target = resolve(tree, include.path, from_tests);
      if (!target && include.quoted) {
        add("\"" + include.path + "\" is no file; write it from harness/ or the root" +
            (from_tests ? " or tests/" : ""));
      }
      if (!target) continue;
      if (!include.quoted) add("<" + include.path + "> is ours; include it with quotes");
      const std::string to = folder_of(*target);
      if (allowed == may_include.end() || to == from || allowed->second.contains(to)) continue;
      add(from + " may not include " + to);
    }
  }
  return found;
}

// A folder that is gone would be a name that misleads, and a circle no direction.
Violations folder_order(const Tree& tree) {
  Violations found;
  const auto add = [&](const std::string& what) {
    found.push_back({"folder-order", "tests/style/rules.cpp", 1, what});
  };
  std::set<std::string, std::less<>> there, settled;
  for (const SourceFile& file : tree) there.insert(folder_of(file.path));
  for (const auto& [folder, allowed] : may_include) {
    if (!there.contains(folder)) add("no folder is named " + folder);
  }
  // What includes only settled folders is settled, until nothing changes.
  for (bool changed = true; changed;) {
    changed = false;
    for (const auto& [folder, allowed] : may_include) {
      const bool ready =
          std::ranges::all_of(allowed, [&](const auto& f) { return settled.contains(f); });
      if (ready) changed |= settled.insert(folder).second;
    }
  }
  for (const auto& [folder, allowed] : may_include) {
    if (!settled.contains(folder)) add(folder + " is part of a circle, or above one");
  }
  return found;
}

Violations columns(const Tree& tree) {
  Violations found;
  for (const SourceFile& file : tree) {
    const bool is_readme = file.path == "README.md";
    if (!is_cpp(file.path) && !is_script(file) && !is_cmake(file.path) && !is_readme) continue;
    const std::size_t most = is_readme ? max_readme_columns : max_columns;
    int number = 0;
    for (const std::string_view line : lines_of(file.text)) {
      ++number;
      const std::size_t width = code_points(line);
      if (width <= most) continue;
      found.push_back({"columns", file.path, number,
                       std::to_string(width) + " columns; at most " + std::to_string(most)});
    }
  }
  return found;
}

Violations opening_comment(const Tree& tree) {
  Violations found;
  for (const SourceFile& file : tree) {
    const bool script = is_script(file);
    const bool cpp = is_cpp(file.path);
    if (!cpp && !script && !is_cmake(file.path)) continue;
    const std::vector<std::string_view> lines = lines_of(file.text);
    const std::size_t at = script ? 1 : 0;  // a script's first line names its interpreter
    if (lines.size() > at && lines[at].starts_with(cpp ? "// " : "# ")) continue;
    found.push_back({"opening-comment", file.path, static_cast<int>(at) + 1,
                     "open with a comment: what it is, how it is used, what it does not do"});
  }
  return found;
}

Violations pragma_once(const Tree& tree) {
  Violations found;
  for (const SourceFile& file : tree) {
    if (!is_header(file.path)) continue;
    if (file.text.find("\n#pragma once\n") != std::string::npos) continue;
    found.push_back({"pragma-once", file.path, 1, "a header needs #pragma once"});
  }
  return found;
}

Violations dead_header(const Tree& tree) {
  std::set<std::string> used;
  for (const SourceFile& file : tree) {
    if (!is_cpp(file.path)) continue;
    for (const Include& include : includes_of(file)) {
      const auto target = resolve(tree, include.path, file.path.starts_with("tests/"));
      if (target && *target != file.path) used.insert(*target);
    }
  }
  Violations found;
  for (const SourceFile& file : tree) {
    if (!is_header(file.path) || used.contains(file.path)) continue;
    found.push_back({"dead-header", file.path, 1, "no file includes it; remove it"});
  }
  return found;
}

Violations unbuilt_source(const Tree& tree) {
  static const std::set<std::string> suites = {"unit",  "integration", "e2e",     "matrix",
                                               "style", "bench",       "support", "fuzz"};
  Violations found;
  for (const SourceFile& file : tree) {
    if (!file.path.ends_with(".cpp") || file.path == "harness/main.cpp") continue;
    const std::string folder = folder_of(file.path);
    if (folder == "tests" && suites.contains(folder_of(file.path.substr(6)))) continue;
    const bool at_root = folder == "workloads" || folder == "reports";
    if (may_include.contains(folder) && at_root != file.path.starts_with("harness/")) continue;
    found.push_back({"unbuilt-source", file.path, 1, "no target of CMakeLists.txt builds it"});
  }
  return found;
}

Violations forbidden_words(const Tree& tree) {
  struct Ban {
    std::string word;
    std::string instead;
    bool whole = false;
  };
  // Cut in two, so that this table does not find itself.
  static const std::string host = "name no package host; the machine's own settings choose it";
  static const std::array bans = {
      Ban{"TO" "DO", "do it, or say what does not work where the user reads it", true},
      Ban{"FIX" "ME", "fix it, or say what does not work where the user reads it", true},
      Ban{"sha" "red/", "name only what is in this tree"},
      Ban{"/wo" "rk/", "name no folder of one machine"},
      Ban{"deb.deb" "ian.org", host},
      Ban{"repo1.ma" "ven.org", host},
      Ban{"repo.ma" "ven.apache.org", host},
      Ban{"packages.conf" "luent.io", host},
      Ban{"registry-1.doc" "ker.io", host},
      Ban{"hub.doc" "ker.com", host},
      Ban{"gh" "cr.io", host},
      Ban{"qu" "ay.io", host},
      Ban{"py" "pi.org", host},
      Ban{"npm" "js.org", host},
  };
  Violations found;
  for (const SourceFile& file : tree) {
    int number = 0;
    for (const std::string_view line : lines_of(file.text)) {
      ++number;
      for (const Ban& ban : bans) {
        const std::size_t at = line.find(ban.word);
        if (at == line.npos || (ban.whole && !is_word_at(line, at, ban.word.size()))) continue;
        found.push_back({"forbidden-words", file.path, number, ban.word + ": " + ban.instead});
      }
    }
  }
  return found;
}

// ctest takes a list where one name is meant, and runs two tests that nobody wrote.
Violations test_names(const Tree& tree) {
  static constexpr std::string_view opening =
      "TEST_"
      "CASE(";  // or it finds itself
  Violations found;
  for (const SourceFile& file : tree) {
    const std::string_view text = file.text;
    for (auto at = text.find(opening); at != text.npos; at = text.find(opening, at + 1)) {
      const std::size_t from = text.find_first_not_of(" \n", at + opening.size());
      if (from == text.npos || text[from] != '"') continue;
      const std::string_view name = text.substr(from + 1, text.find('"', from + 1) - from - 1);
      if (name.find(';') == name.npos) continue;
      const auto lines = std::ranges::count(text.substr(0, at), '\n');
      found.push_back({"test-names", file.path, static_cast<int>(lines) + 1,
                       "a semicolon in a test's name: use a comma"});
    }
  }
  return found;
}

// They stop at the first letter (30s is 30), wrap what is too large, look at the locale, or throw
// what no user can read.
Violations number_reading(const Tree& tree) {
  static constexpr std::array banned = {
      "stoi",   "stol",    "stoll",   "stoul",    "stoull", "stof",   "stod",    "stold",
      "strtol", "strtoll", "strtoul", "strtoull", "strtof", "strtod", "strtold", "atoi",
      "atol",   "atoll",   "atof",    "sscanf",   "fscanf", "scanf"};
  Violations found;
  for (const SourceFile& file : tree) {
    if (!is_cpp(file.path)) continue;
    const std::string code = code_only(file.text);
    int number = 0;
    for (const std::string_view line : lines_of(code)) {
      ++number;
      for (const std::string_view name : banned) {
        const std::size_t at = line.find(std::string(name) + "(");
        if (at == line.npos || !is_word_at(line, at, name.size())) continue;
        found.push_back({"number-reading", file.path, number,
                         std::string(name) + ": read numbers with core/numbers.hpp or units.hpp"});
      }
    }
  }
  return found;
}

Violations every_rule(const Tree& tree) {
  Violations all;
  for (const auto rule :
       {include_direction, columns, function_length, opening_comment, pragma_once, dead_header,
        unbuilt_source, forbidden_words, number_reading, test_names}) {
    std::ranges::move(rule(tree), std::back_inserter(all));
  }
  return all;
}

}  // namespace seatrial::style
