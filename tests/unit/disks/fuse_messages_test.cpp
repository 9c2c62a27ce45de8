// Messages of FUSE, laid out by hand: what is read from them, and what is answered.
#include "disks/fuse_messages.hpp"

#include <cstring>

#include "support/catch.hpp"

namespace seatrial::disks {
namespace {

using Kind = FuseRequest::Kind;
using Bytes = std::vector<std::byte>;

template <class Number>
Bytes& operator<<(Bytes& to, Number number) {
  const auto* bytes = reinterpret_cast<const std::byte*>(&number);
  to.insert(to.end(), bytes, bytes + sizeof number);
  return to;
}

template <class Number>
Number number_at(const Bytes& from, std::size_t offset) {
  Number out{};
  REQUIRE(from.size() >= offset + sizeof out);
  std::memcpy(&out, from.data() + offset, sizeof out);
  return out;
}

// length, opcode, unique, node, uid, gid, pid, extensions.
Bytes message(std::uint32_t opcode, const Bytes& body) {
  Bytes out;
  out << static_cast<std::uint32_t>(40 + body.size()) << opcode << std::uint64_t{77}
      << std::uint64_t{1} << std::uint32_t{0} << std::uint32_t{0} << std::uint32_t{5}
      << std::uint32_t{0};
  out.insert(out.end(), body.begin(), body.end());
  return out;
}

// handle, offset, size, flags, owner, flags, padding.
Bytes range_of(std::uint64_t offset, std::uint32_t size) {
  Bytes out;
  out << std::uint64_t{1} << offset << size << std::uint32_t{0} << std::uint64_t{0}
      << std::uint32_t{0} << std::uint32_t{0};
  return out;
}

Bytes write_of(std::uint64_t offset, const Bytes& data) {
  Bytes out = range_of(offset, static_cast<std::uint32_t>(data.size()));
  out.insert(out.end(), data.begin(), data.end());
  return out;
}

TEST_CASE("fuse: reads, writes and flushes say what they are about") {
  const Bytes read = message(15, range_of(8192, 4096));
  const auto asked = parse_request(read);
  REQUIRE(asked);
  CHECK(asked->kind == Kind::read);
  CHECK(asked->unique == 77);
  CHECK(asked->offset == 8192);
  CHECK(asked->size == 4096);
  const Bytes data{std::byte{1}, std::byte{2}, std::byte{3}};
  const Bytes write = message(16, write_of(512, data));
  const auto written = parse_request(write);
  REQUIRE(written);
  CHECK(written->kind == Kind::write);
  CHECK(written->offset == 512);
  CHECK(Bytes(written->data.begin(), written->data.end()) == data);
  CHECK(parse_request(message(20, range_of(0, 0)))->kind == Kind::flush);
  CHECK(parse_request(message(25, {}))->kind == Kind::done);
  CHECK(parse_request(message(2, {}))->kind == Kind::unanswered);
  CHECK_FALSE(parse_request(message(22, {}))->kind);  // an attribute is asked for
}

TEST_CASE("fuse: a message that is cut short anywhere is none") {
  for (const Bytes& whole :
       {message(15, range_of(0, 1)), message(16, write_of(0, Bytes(10))), message(26, Bytes(16))}) {
    for (std::size_t length = 0; length < whole.size(); ++length) {
      Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
      CHECK_FALSE(parse_request(cut));
      if (length < 40) continue;
      const auto told = static_cast<std::uint32_t>(length);  // as if it had been meant so
      std::memcpy(cut.data(), &told, sizeof told);
      CHECK_FALSE(parse_request(cut));
    }
  }
  CHECK_FALSE(parse_request(message(15, range_of(0, most_bytes_at_once + 1))));
}

TEST_CASE("fuse: the first answer settles the protocol, of kernels that have it") {
  const auto hello = [](std::uint32_t major, std::uint32_t minor) {
    Bytes body;
    body << major << minor << std::uint32_t{131072} << std::uint32_t{0};
    return message(26, body);
  };
  const auto init = parse_request(hello(7, 45));
  REQUIRE(init);
  CHECK(init->kind == Kind::init);
  const Bytes answer = answer_init(*init);
  CHECK(answer.size() == 16 + 64);
  CHECK(number_at<std::uint32_t>(answer, 0) == answer.size());
  CHECK(number_at<std::int32_t>(answer, 4) == 0);
  CHECK(number_at<std::uint64_t>(answer, 8) == 77);
  CHECK(number_at<std::uint32_t>(answer, 16) == 7);
  CHECK(number_at<std::uint32_t>(answer, 24) == 131072);
  CHECK((number_at<std::uint32_t>(answer, 28) & (1U << 16)) == 0);  // no write-back cache
  CHECK(number_at<std::uint32_t>(answer, 36) == most_bytes_at_once);
  CHECK_FALSE(parse_request(hello(8, 0)));
  CHECK_FALSE(parse_request(hello(7, 12)));
}

TEST_CASE("fuse: answers have their lengths, errors and sizes in their places") {
  CHECK(number_at<std::int32_t>(answer_header(5, 28), 4) == -28);
  CHECK(number_at<std::uint32_t>(answer_header(5, 0, 100), 0) == 116);
  const Bytes attributes = answer_attributes(5, 8192);
  CHECK(attributes.size() == 16 + 104);
  CHECK(number_at<std::uint64_t>(attributes, 16 + 16 + 8) == 8192);
  CHECK((number_at<std::uint32_t>(attributes, 16 + 16 + 60) & 0170000U) == 0100000U);  // a file
  const Bytes opened = answer_open(5);
  CHECK(opened.size() == 32);
  CHECK(number_at<std::uint32_t>(opened, 24) == 1);  // not cached
  const Bytes written = answer_write(5, 42);
  CHECK(written.size() == 24);
  CHECK(number_at<std::uint32_t>(written, 16) == 42);
  CHECK(answer_room(5, 8192).size() == 16 + 80);
}

}  // namespace
}  // namespace seatrial::disks
