// The format of .properties files, with what java.util.Properties makes of each text.
#include "core/java_properties.hpp"

#include "support/catch.hpp"

using namespace seatrial;

namespace {

// All of them as name=value, separated by |.
std::string read(std::string_view text) {
  const auto parsed = parse_java_properties(text);
  if (!parsed) return parsed.error().message;
  std::string out;
  for (const auto& [name, value, line] : *parsed)
    out += (out.empty() ? "" : "|") + name + "=" + value;
  return out;
}

}  // namespace

TEST_CASE("java properties: `=`, `:` and blanks end a key, and blanks around them are nobody's") {
  CHECK(read("a=1\nb:2\nc 3\nd\t4\n") == "a=1|b=2|c=3|d=4");
  CHECK(read("  a  =  1 \nb : 2\nc   =3") == "a=1 |b=2|c=3");
  CHECK(read("a = = 1") == "a== 1");
  CHECK(read("a b = 1") == "a=b = 1");
  CHECK(read("alone\nempty=\n=value") == "alone=|empty=|=value");
  CHECK(read("a\\=b=1\na\\:b:2\na\\ b 3") == "a=b=1|a:b=2|a b=3");
}

TEST_CASE("java properties: comments, empty lines and every kind of line end") {
  CHECK(read("# a=1\n  ! b=2\n\n   \nc=3 # no comment") == "c=3 # no comment");
  CHECK(read("a=1\r\nb=2\rc=3") == "a=1|b=2|c=3");
  CHECK(read("# goes on \\\na=1") == "a=1");
  CHECK(read("").empty());
}

TEST_CASE("java properties: a line goes on after an odd number of backslashes") {
  CHECK(read("a=one,\\\n    two\nb=2") == "a=one,two|b=2");
  CHECK(read("a=1\\\\\nb=2") == "a=1\\|b=2");
  CHECK(read("a=1\\\\\\\n  b") == "a=1\\b");
  CHECK(read("a=1\\\r\n  2") == "a=12");
  CHECK(read("a=1\\") == "a=1");
  const auto lines = parse_java_properties("a=1\\\n2\n\nb=3");
  REQUIRE(lines);
  CHECK(lines->at(0).line == 1);
  CHECK(lines->at(1).line == 4);
}

TEST_CASE("java properties: escapes") {
  CHECK(read("a=\\t\\n\\r\\f|") == "a=\t\n\r\f|");
  CHECK(read("a=\\q\\\"\\\\\\:") == "a=q\"\\:");
  CHECK(read("a=\\u0041\\u00e4\\u20ac") == "a=A\xc3\xa4\xe2\x82\xac");
  CHECK(read("a=\\uD83D\\uDE00") == "a=\xf0\x9f\x98\x80");  // beyond 16 bits: two of them
  CHECK(read("\\u0061=1") == "a=1");
  CHECK(read("ok=1\na=\\u12g4").find("line 2") == 0);
  CHECK(read("a=\\u12").find("line 1") == 0);
  CHECK(read("a=\\uD83D").find("line 1") == 0);
}

TEST_CASE("java properties: a byte order mark at the beginning is passed over") {
  CHECK(read("\xef\xbb\xbf# comment\na=1") == "a=1");
  CHECK(read("\xef\xbb\xbf"
             "a=1") == "a=1");
}
