// The style rules: each is a function from the source tree to what it violates, and has its own
// test in rules_test.cpp with a source that breaks it. Heuristics on text, not a parser: they know
// comments, strings and braces, and nothing of macros or templates.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace seatrial::style {

struct SourceFile {
  std::string path;  // from the root, with '/'
  std::string text;
};
using Tree = std::vector<SourceFile>;

struct Violation {
  std::string rule;
  std::string path;
  int line = 0;
  std::string message;

  std::string text() const;  // path:line: rule: message
  bool operator==(const Violation&) const = default;
};
using Violations = std::vector<Violation>;

// One accepted violation: "rule path: reason" on a line of tests/style/exceptions.txt.
struct Exception {
  std::string rule;
  std::string path;
  std::string reason;
  int line = 0;
};

Tree read_tree(const std::string& root);  // without what git ignores, and without binary files

Violations include_direction(const Tree&);
Violations folder_order(const Tree&);
Violations columns(const Tree&);
Violations function_length(const Tree&);
Violations opening_comment(const Tree&);
Violations dead_header(const Tree&);
Violations unbuilt_source(const Tree&);
Violations forbidden_words(const Tree&);
Violations number_reading(const Tree&);
Violations test_names(const Tree&);
Violations pragma_once(const Tree&);
Violations every_rule(const Tree&);

// Lines that are no comment and cannot be read as an exception become violations themselves.
std::vector<Exception> read_exceptions(std::string_view text, Violations& malformed);

// What is left of the violations, and a violation for each exception that excuses nothing.
Violations excuse(const std::vector<Exception>&, const Violations&);

// The source with the contents of comments, strings and character literals blanked, lines kept.
std::string code_only(std::string_view source);

std::vector<std::string_view> lines_of(std::string_view text);
bool is_cpp(std::string_view path);
bool is_header(std::string_view path);
bool is_script(const SourceFile& file);

}  // namespace seatrial::style
