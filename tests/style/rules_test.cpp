// Each style rule against a source that breaks it and one that keeps it.
#include "style/rules.hpp"
#include "support/catch.hpp"

using namespace seatrial::style;

namespace {

std::vector<std::string> texts(const Violations& violations) {
  std::vector<std::string> all;
  for (const Violation& violation : violations) all.push_back(violation.text());
  return all;
}

using Texts = std::vector<std::string>;

// A function `head { ... }` of exactly `lines` lines.
std::string function_of(const std::string& head, int lines) {
  std::string text = head + " {\n";
  for (int i = 2; i < lines; ++i) text += "  work(\"}\");  // }\n";
  return text + "}\n";
}

}  // namespace

TEST_CASE("include-direction: core includes nothing of ours but core") {
  const Tree tree = {{"harness/core/a.hpp", "#include \"ledger/l.hpp\"\n#include \"core/b.hpp\"\n"},
                     {"harness/core/b.hpp", ""},
                     {"harness/ledger/l.hpp", "#include \"core/a.hpp\"\n"}};
  REQUIRE(texts(include_direction(tree)) ==
          Texts{"harness/core/a.hpp:1: include-direction: core may not include ledger"});
}

TEST_CASE("include-direction: reports see core and record, run sees no report, main sees all") {
  const Tree tree = {{"harness/core/a.hpp", ""},
                     {"harness/main.cpp", "#include \"reports/r.hpp\"\n#include \"run/r.hpp\"\n"},
                     {"harness/record/m.hpp", ""},
                     {"harness/run/r.hpp", "#include \"reports/r.hpp\"\n"},
                     {"reports/r.hpp", "#include \"record/m.hpp\"\n#include \"run/r.hpp\"\n"}};
  REQUIRE(texts(include_direction(tree)) ==
          Texts{"harness/run/r.hpp:1: include-direction: run may not include reports",
                "reports/r.hpp:2: include-direction: reports may not include run"});
}

TEST_CASE("include-direction: our own files are written from a root and with quotes") {
  const Tree tree = {{"harness/core/a.hpp", "#include \"b.hpp\"\n#include <core/b.hpp>\n"},
                     {"harness/core/b.hpp", "#include <vector>\n"},
                     {"tests/support/s.hpp", ""},
                     {"tests/unit/t.cpp", "#include \"support/s.hpp\"\n"}};
  REQUIRE(texts(include_direction(tree)) ==
          Texts{"harness/core/a.hpp:1: include-direction: \"b.hpp\" is no file; write it from "
                "harness/ or the root",
                "harness/core/a.hpp:2: include-direction: <core/b.hpp> is ours; include it with "
                "quotes"});
}

TEST_CASE("columns: 100 characters fit, 101 do not, and a letter of two bytes is one column") {
  std::string umlauts;
  for (int i = 0; i < 100; ++i) umlauts += "\u00fc";
  const Tree tree = {{"a.md", std::string(300, 'x')},
                     {"harness/a.cpp", std::string(100, 'x') + "\n" + std::string(101, 'x')},
                     {"harness/b.cpp", umlauts},
                     {"seatrial", "#!/bin/sh\n# " + std::string(99, 'x')}};
  REQUIRE(texts(columns(tree)) ==
          Texts{"harness/a.cpp:2: columns: 101 columns; at most 100",
                "seatrial:2: columns: 101 columns; at most 100"});
}

TEST_CASE("function-length: 70 lines fit, 71 do not, whatever stands in texts and comments") {
  const Tree tree = {{"a.cpp", "// A file.\n" + function_of("int f()", 70)},
                     {"b.cpp", "// A file.\n" + function_of("int f()", 71)}};
  REQUIRE(texts(function_length(tree)) ==
          Texts{"b.cpp:2: function-length: a function of 71 lines; at most 70"});
}

TEST_CASE("function-length: members, templates, constructors, operators and lambdas count") {
  for (const std::string head :
       {"template <class T>\nvoid f(T t)", "A::A() : a_{1}, b_{2}", "bool operator==(A a, A b)",
        "const auto f = [](int x)", "TEST_CASE(\"a name\")"}) {
    INFO(head);
    const std::string text = "namespace n {\nclass C {\n" + function_of(head, 71) + "};\n}\n";
    REQUIRE(function_length({{"a.cpp", text}}).size() == 1);
  }
}

TEST_CASE("function-length: namespaces, classes, tables and directives do not count") {
  std::string members;
  for (int i = 0; i < 80; ++i) members += "  int f() { return '}' + 1'000; }\n";
  std::string rows;
  for (int i = 0; i < 80; ++i) rows += "  {\"{\", g(1)},\n";
  const std::string text = "#define OPEN() {\nnamespace n {\nclass C : public B<f()> {\n" +
                           members + "};\nconst Table table = {\n" + rows +
                           "};\nTable other{\n" + rows +
                           "};\nconst char* raw = R\"x(\n)\" {\n)x\";\n}\n";
  REQUIRE(texts(function_length({{"a.cpp", text}})) == Texts{});
}

TEST_CASE("opening-comment: sources, scripts and build files say what they are") {
  const Tree tree = {{".ci/run", "#!/usr/bin/env bash\nset -e\n"},
                     {"CMakeLists.txt", "# A build.\n"},
                     {"harness/a.cpp", "#include <vector>\n// Late.\n"},
                     {"harness/b.cpp", "// A file.\n"},
                     {"harness/c.hpp", ""}};
  const std::string wanted =
      "opening-comment: open with a comment: what it is, how it is used, what it does not do";
  REQUIRE(texts(opening_comment(tree)) ==
          Texts{".ci/run:2: " + wanted, "harness/a.cpp:1: " + wanted,
                "harness/c.hpp:1: " + wanted});
}

TEST_CASE("pragma-once: every header has it") {
  const Tree tree = {{"a.hpp", "// A.\n#pragma once\n"}, {"b.hpp", "// B: #pragma once\n"}};
  REQUIRE(texts(pragma_once(tree)) == Texts{"b.hpp:1: pragma-once: a header needs #pragma once"});
}

TEST_CASE("dead-header: a header that only includes itself is dead") {
  const Tree tree = {{"harness/core/a.hpp", "#include \"core/a.hpp\"\n"},
                     {"harness/core/b.hpp", ""},
                     {"harness/core/c.cpp", "#include \"core/b.hpp\"\n"},
                     {"tests/support/s.hpp", ""},
                     {"tests/unit/t.cpp", "#include \"support/s.hpp\"\n"}};
  REQUIRE(texts(dead_header(tree)) ==
          Texts{"harness/core/a.hpp:1: dead-header: no file includes it; remove it"});
}

TEST_CASE("unbuilt-source: a source lies where a target looks for it") {
  const Tree tree = {{"core/a.cpp", ""},          {"harness/core/a.cpp", ""},
                     {"harness/main.cpp", ""},    {"harness/other/a.cpp", ""},
                     {"harness/reports/a.cpp", ""}, {"reports/page/a.cpp", ""},
                     {"tests/other/a.cpp", ""},   {"tests/unit/core/a.cpp", ""},
                     {"workloads/a.cpp", ""}};
  const std::string wanted = ":1: unbuilt-source: no target of CMakeLists.txt builds it";
  REQUIRE(texts(unbuilt_source(tree)) ==
          Texts{"core/a.cpp" + wanted, "harness/other/a.cpp" + wanted,
                "harness/reports/a.cpp" + wanted, "tests/other/a.cpp" + wanted});
}

TEST_CASE("test-names: no semicolon, at which ctest cuts") {
  const std::string opening =
      "TEST_"
      "CASE(";
  const Tree tree = {{"tests/a.cpp", "\n" + opening + "\"one; two\") {}\n"},
                     {"tests/b.cpp", opening + "\n    \"a; b\", \"[x]\") {}\n"},
                     {"tests/c.cpp", opening + "\"one, two\") { f(\";\"); }\n"}};
  const std::string why = ": test-names: a semicolon in a test's name: use a comma";
  REQUIRE(texts(test_names(tree)) == Texts{"tests/a.cpp:2" + why, "tests/b.cpp:1" + why});
}

TEST_CASE("number-reading: what stops at the first letter, in code and not in words about it") {
  const Tree tree = {{"harness/a.cpp",
                      "// no stoi(text)\nint a = std::sto"
                      "i(text);\n"},
                     {"workloads/b.cpp",
                      "x = str"
                      "tol(s, nullptr, 0);\nint histoi(int);\n"},
                     {"tests/c.cpp",
                      "ssc"
                      "anf(text, format, &n);\ncheck(\"stod(\");\n"}};
  const std::string instead = ": read numbers with core/numbers.hpp or units.hpp";
  REQUIRE(texts(number_reading(tree)) ==
          Texts{"harness/a.cpp:2: number-reading: stoi" + instead,
                "workloads/b.cpp:1: number-reading: strtol" + instead,
                "tests/c.cpp:1: number-reading: sscanf" + instead});
}

TEST_CASE("forbidden-words: notes to ourselves, package hosts and folders of one machine") {
  const std::string note = "TO" "DO";
  const Tree tree = {{"README.md", "see sha" "red/x\nfrom qu" "ay.io/x\nin /wo" "rk/x\n"},
                     {"harness/a.cpp", "// " + note + " later\n// " + note + "S and MAS" + note}};
  REQUIRE(texts(forbidden_words(tree)) ==
          Texts{"README.md:1: forbidden-words: sha" "red/: name only what is in this tree",
                "README.md:2: forbidden-words: qu" "ay.io: name no package host; the machine's own "
                "settings choose it",
                "README.md:3: forbidden-words: /wo" "rk/: name no folder of one machine",
                "harness/a.cpp:1: forbidden-words: " + note +
                    ": do it, or say what does not work where the user reads it"});
}

TEST_CASE("exceptions: one excuses its rule in its file only, and must excuse something") {
  Violations malformed;
  const auto exceptions = read_exceptions(
      "# comment\n\ncolumns a.cpp: a table\ncolumns gone.cpp: was long\ncolumns b.cpp:\n",
      malformed);
  const std::string table = "tests/style/exceptions.txt";
  REQUIRE(texts(malformed) ==
          Texts{table + ":5: exceptions: write 'rule path: reason', with a reason"});
  const Violations violations = {{"columns", "a.cpp", 1, "x"}, {"pragma-once", "a.cpp", 1, "x"}};
  REQUIRE(texts(excuse(exceptions, violations)) ==
          Texts{"a.cpp:1: pragma-once: x",
                table + ":4: exceptions: gone.cpp no longer breaks columns; remove this line"});
}

TEST_CASE("every rule takes part") {
  const std::string broken = "#include \"nowhere.hpp\"\n" + function_of("int f()", 71) +
                             std::string(101, 'x') + "\nFIX" "ME\n";
  std::vector<std::string> rules;
  for (const Violation& violation : every_rule({{"harness/other/a.cpp", broken}, {"b.hpp", ""}})) {
    if (rules.empty() || rules.back() != violation.rule) rules.push_back(violation.rule);
  }
  REQUIRE(rules == Texts{"include-direction", "columns", "function-length", "opening-comment",
                         "pragma-once", "dead-header", "unbuilt-source", "forbidden-words"});
}
