// Reading the tree for the style rules, and the table of exceptions.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "style/rules.hpp"

namespace seatrial::style {
namespace {

namespace fs = std::filesystem;

bool is_ignored(const fs::path& relative) {
  const std::string first = relative.begin()->string();
  return first == ".git" || first == ".build" || first == ".cache" || first == "results";
}

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace

std::string Violation::text() const {
  return path + ":" + std::to_string(line) + ": " + rule + ": " + message;
}

Tree read_tree(const std::string& root) {
  Tree tree;
  for (fs::recursive_directory_iterator it(root), end; it != end; ++it) {
    const fs::path relative = it->path().lexically_relative(root);
    if (is_ignored(relative)) {
      it.disable_recursion_pending();
      continue;
    }
    if (it->is_symlink() || !it->is_regular_file()) continue;
    std::string text = read_file(it->path());
    if (text.find('\0') != std::string::npos) continue;
    tree.push_back({.path = relative.generic_string(), .text = std::move(text)});
  }
  std::ranges::sort(tree, {}, &SourceFile::path);
  return tree;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

std::vector<Exception> read_exceptions(std::string_view text, Violations& malformed) {
  std::vector<Exception> exceptions;
  int number = 0;
  for (const std::string_view line : lines_of(text)) {
    ++number;
    if (line.empty() || line.starts_with('#')) continue;
    const std::size_t space = line.find(' ');
    const std::size_t colon = line.find(": ");
    if (space == line.npos || colon == line.npos || colon < space || colon + 2 >= line.size()) {
      malformed.push_back({"exceptions", "tests/style/exceptions.txt", number,
                           "write 'rule path: reason', with a reason"});
      continue;
    }
    exceptions.push_back({.rule = std::string(line.substr(0, space)),
                          .path = std::string(line.substr(space + 1, colon - space - 1)),
                          .reason = std::string(line.substr(colon + 2)),
                          .line = number});
  }
  return exceptions;
}

Violations excuse(const std::vector<Exception>& exceptions, const Violations& violations) {
  const auto excuses = [](const Exception& exception, const Violation& violation) {
    return exception.rule == violation.rule && exception.path == violation.path;
  };
  Violations left;
  for (const Violation& violation : violations) {
    if (std::ranges::none_of(exceptions, [&](const auto& e) { return excuses(e, violation); })) {
      left.push_back(violation);
    }
  }
  for (const Exception& exception : exceptions) {
    if (std::ranges::none_of(violations, [&](const auto& v) { return excuses(exception, v); })) {
      left.push_back({"exceptions", "tests/style/exceptions.txt", exception.line,
                      exception.path + " no longer breaks " + exception.rule +
                          "; remove this line"});
    }
  }
  return left;
}

bool is_header(std::string_view path) { return path.ends_with(".hpp"); }
bool is_cpp(std::string_view path) { return is_header(path) || path.ends_with(".cpp"); }
bool is_script(const SourceFile& file) { return file.text.starts_with("#!"); }

}  // namespace seatrial::style
