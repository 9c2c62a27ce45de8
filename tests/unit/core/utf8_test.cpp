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
}

TEST_CASE("the first byte that is no part of a character is found") {
  CHECK_FALSE(first_not_utf8(""));
  CHECK_FALSE(first_not_utf8("a\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80z"));
  CHECK_FALSE(first_not_utf8("\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf"));
  CHECK(first_not_utf8("ab\xff") == 2);
  CHECK(first_not_utf8("\xc3\xbc\xc3") == 2);      // cut short
  CHECK(first_not_utf8("\xc0\xaf") == 0);          // overlong
  CHECK(first_not_utf8("\xe0\x9f\xbf") == 0);      // overlong
  CHECK(first_not_utf8("x\xed\xa0\x80") == 1);     // a surrogate
  CHECK(first_not_utf8("\xf4\x90\x80\x80") == 0);  // beyond U+10FFFF
  CHECK(first_not_utf8("\x80") == 0);              // begins nothing
  CHECK(not_utf8("ab\xff", 2) == "the byte 0xff is not UTF-8");
  CHECK(without_byte_order_mark("\xef\xbb\xbfname") == "name");
  CHECK(without_byte_order_mark("name") == "name");
}
