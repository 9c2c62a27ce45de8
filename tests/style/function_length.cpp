// The rule on function length: a brace counter over the code without comments and strings. It
// measures from the first line of a function's head to its closing brace; a lambda or local class
// counts to the function around it. It may be off by a line where a constructor initialises
// members with braces.
#include <cctype>
#include <optional>
#include <vector>

#include "style/rules.hpp"

namespace seatrial::style {
namespace {

constexpr int max_lines = 70;

enum class Scope { names, function, initialiser };

struct Open {
  Scope scope;
  int first_line;
  // The function that closed last in this scope, as a constructor's `: a{1}, b{2} {` goes on.
  std::optional<int> last_function_line = std::nullopt;
};

bool starts_with_word(std::string_view head, std::string_view word) {
  return head.starts_with(word) &&
         (head.size() == word.size() ||
          std::isalnum(static_cast<unsigned char>(head[word.size()])) == 0);
}

std::string_view without_template(std::string_view head) {
  if (!starts_with_word(head, "template")) return head;
  int depth = 0;
  for (std::size_t i = 0; i < head.size(); ++i) {
    if (head[i] == '<') ++depth;
    if (head[i] == '>' && --depth == 0) {
      head.remove_prefix(i + 1);
      while (!head.empty() && std::isspace(static_cast<unsigned char>(head[0])) != 0) {
        head.remove_prefix(1);
      }
      return head;
    }
  }
  return head;
}

// An equals sign outside parentheses, other than that of an operator's name.
bool has_assignment(std::string_view head) {
  int depth = 0;
  for (std::size_t i = 0; i < head.size(); ++i) {
    if (head[i] == '(' || head[i] == '<') ++depth;
    if ((head[i] == ')' || head[i] == '>') && depth > 0) --depth;
    if (head[i] == '=' && depth == 0) return head.find("operator") == head.npos;
  }
  return false;
}

Scope classify(std::string_view head) {
  head = without_template(head);
  for (const std::string_view word : {"namespace", "class", "struct", "union", "enum", "extern"}) {
    if (starts_with_word(head, word)) return Scope::names;
  }
  const bool lambda = head.find("](") != head.npos || head.find("] (") != head.npos;
  if (has_assignment(head) && !lambda) return Scope::initialiser;
  return lambda || head.find(')') != head.npos ? Scope::function : Scope::names;
}

class Counter {
 public:
  explicit Counter(const SourceFile& file) : file_(file) {}

  Violations run() {
    bool fresh_line = true;
    bool directive = false;
    for (const char c : code_only(file_.text)) {
      if (fresh_line && c == '#') directive = true;
      if (c == '\n') {
        ++line_;
        fresh_line = true;
        directive = false;
      } else if (std::isspace(static_cast<unsigned char>(c)) == 0) {
        fresh_line = false;
      }
      if (!directive) read(c);
    }
    return found_;
  }

 private:
  void read(char c) {
    if (c == '{') {
      open();
    } else if (c == '}') {
      close();
    } else if (c == ';') {
      head_.clear();
      if (!open_.empty()) open_.back().last_function_line.reset();
    } else if (!head_.empty() || std::isspace(static_cast<unsigned char>(c)) == 0) {
      if (head_.empty()) head_line_ = line_;
      head_.push_back(c);
    }
  }

  void open() {
    Open next{.scope = Scope::names, .first_line = head_.empty() ? line_ : head_line_};
    const Open& around = open_.empty() ? outermost_ : open_.back();
    if (around.scope != Scope::names) {
      next.scope = around.scope;
    } else if (around.last_function_line && (head_.empty() || head_.starts_with(','))) {
      next = {.scope = Scope::function, .first_line = *around.last_function_line};
    } else {
      next.scope = classify(head_);
    }
    open_.push_back(next);
    head_.clear();
  }

  void close() {
    head_.clear();
    if (open_.empty()) return;
    const Open closed = open_.back();
    open_.pop_back();
    Open& around = open_.empty() ? outermost_ : open_.back();
    around.last_function_line.reset();
    if (closed.scope != Scope::function || around.scope != Scope::names) return;
    around.last_function_line = closed.first_line;
    const int lines = line_ - closed.first_line + 1;
    if (lines <= max_lines) return;
    found_.push_back({"function-length", file_.path, closed.first_line,
                      "a function of " + std::to_string(lines) + " lines; at most " +
                          std::to_string(max_lines)});
  }

  const SourceFile& file_;
  Violations found_;
  Open outermost_{.scope = Scope::names, .first_line = 1};
  std::vector<Open> open_;
  std::string head_;
  int head_line_ = 1;
  int line_ = 1;
};

}  // namespace

Violations function_length(const Tree& tree) {
  Violations found;
  for (const SourceFile& file : tree) {
    if (!is_cpp(file.path)) continue;
    for (const Violation& violation : Counter(file).run()) found.push_back(violation);
  }
  return found;
}

}  // namespace seatrial::style
