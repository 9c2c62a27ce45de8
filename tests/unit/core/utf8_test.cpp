// UTF-8: what is well-formed, and which character it is.
#include "core/utf8.hpp"

#include "support/catch.hpp"

using namespace seatrial;

TEST_CASE("the length and number of a character") {
  CHECK(utf8_length("a") == 1);
  CHECK(utf8_length("\u00fcx") == 2);
  CHECK(utf8_length("\u20ac") == 3);
  CHECK(utf8_length("\U0001F680") == 4);
  CHECK(utf8_character("a") == U'a');
  CHECK(utf8_character("\u00fc") == U'\u00fc');
  CHECK(utf8_character("\u20ac") == U'\u20ac');
  CHECK(utf8_character("\U0001F680") == U'\U0001F680');
}

TEST_CASE("what is not well-formed: cut, overlong, a surrogate, a stray byte") {
  for (const char* bad : {"\xC3", "\xE2\x82", "\xC0\x80", "\xED\xA0\x80", "\xFF", "\xBC"}) {
    CHECK(utf8_length(bad) == 0);
  }
  CHECK(find_not_utf8("f\u00fcr") == std::string_view::npos);
  CHECK(find_not_utf8("f\u00fc\xFFr") == 3);
  CHECK(find_not_utf8("") == std::string_view::npos);
}
