// Which partitions requests are about, in each layout; what follows within a session; and that
// bytes that are no request, or only a part of one, are nothing.
#include "proxy/partitions.hpp"

#include "core/mix.hpp"
#include "kafka/wire/bytes.hpp"
#include "support/catch.hpp"

namespace seatrial::proxy {
namespace {

using kafka::wire::Writer;

constexpr std::int16_t list_offsets = 2;

TopicId id_of(int number) {
  TopicId out{};
  out.back() = static_cast<std::byte>(number);
  return out;
}

// Writes as a client does: two topics, `orders` with partitions 0 and 3 and `other` with 1.
class Client {
 public:
  Client(std::int16_t api, std::int16_t version, std::int16_t first_flexible, bool ids)
      : flexible_(version >= first_flexible), ids_(ids) {
    out_.int16(api).int16(version).int32(9).string("c");
    if (flexible_) out_.no_tags();
  }
  Writer& out() { return out_; }
  void text(std::string_view value) {
    if (flexible_) out_.compact_string(value);
    else out_.string(value);
  }
  void count(std::size_t n) {
    if (flexible_) out_.varint(n + 1);
    else out_.int32(static_cast<std::int32_t>(n));
  }
  void bytes(std::size_t n) {
    count(n);
    fixed(n);
  }
  void fixed(std::size_t n) { out_.append(Bytes(n, std::byte{0x5a})); }
  void tags() {
    if (flexible_) out_.no_tags();
  }
  void topic(std::string_view name, int id) {
    if (ids_) out_.append(id_of(id));
    else text(name);
  }
  template <class Behind>
  void two_topics(Behind behind) {
    count(2);
    topic("orders", 1);
    count(2);
    for (const std::int32_t partition : {0, 3}) {
      out_.int32(partition);
      behind();
      tags();
    }
    tags();
    topic("other", 2);
    count(1);
    out_.int32(1);
    behind();
    tags();
    tags();
  }
  Bytes frame() {
    tags();
    Writer frame;
    frame.int32(static_cast<std::int32_t>(out_.bytes().size())).append(out_.bytes());
    return frame.take();
  }

 private:
  Writer out_;
  bool flexible_, ids_;
};

Bytes produce(std::int16_t version) {
  Client client(api::produce, version, 9, version >= 13);
  if (version >= 9) client.out().varint(0);
  else if (version >= 3) client.out().int16(-1);
  client.out().int16(-1).int32(1000);
  client.two_topics([&] { client.bytes(70); });
  return client.frame();
}

struct Session {
  std::int32_t id = 0, epoch = -1;
};

Bytes fetch(std::int16_t version, Session session = {}) {
  Client client(api::fetch, version, 12, version >= 13);
  if (version < 15) client.out().int32(-1);
  client.out().int32(500).int32(1);
  if (version >= 3) client.out().int32(1000);
  if (version >= 4) client.out().int8(1);
  if (version >= 7) client.out().int32(session.id).int32(session.epoch);
  client.two_topics([&] {
    if (version >= 9) client.out().int32(4);   // leader epoch
    client.out().int64(100);                   // offset
    if (version >= 12) client.out().int32(2);  // last fetched epoch
    if (version >= 5) client.out().int64(-1);  // log start
    client.out().int32(1000);
  });
  if (version >= 7) {
    client.count(1);
    client.topic("gone", 3);
    client.count(1);
    client.out().int32(8);
    client.tags();
  }
  if (version >= 11) client.text("rack");
  return client.frame();
}

Bytes offsets(std::int16_t version) {
  Client client(list_offsets, version, 6, false);
  client.out().int32(-1);
  if (version >= 2) client.out().int8(0);
  client.two_topics([&] {
    if (version >= 4) client.out().int32(4);
    client.out().int64(-1);
    if (version == 0) client.out().int32(1);
  });
  return client.frame();
}

std::optional<AskedPartitions> read(BytesView frame) {
  RequestHeader header;
  if (parse_request(frame, header) != Parsed::whole) return std::nullopt;
  return asked_partitions(header, frame);
}

Partitions named(bool ids) {
  if (!ids)
    return {{.topic = "orders", .partition = 0},
            {.topic = "orders", .partition = 3},
            {.topic = "other", .partition = 1}};
  return {{.topic = "", .id = id_of(1), .partition = 0},
          {.topic = "", .id = id_of(1), .partition = 3},
          {.topic = "", .id = id_of(2), .partition = 1}};
}

std::vector<std::pair<Bytes, bool>> every_layout() {
  std::vector<std::pair<Bytes, bool>> out;
  for (std::int16_t v = 0; v <= 13; ++v) out.emplace_back(produce(v), v >= 13);
  for (std::int16_t v = 0; v <= 18; ++v) out.emplace_back(fetch(v), v >= 13);
  for (std::int16_t v = 0; v <= 11; ++v) out.emplace_back(offsets(v), false);
  return out;
}

TEST_CASE("requests tell their partitions in every layout that is known") {
  for (const auto& [frame, ids] : every_layout()) {
    RequestHeader header;
    REQUIRE(parse_request(frame, header) == Parsed::whole);
    INFO("api " << header.api << " version " << header.version);
    const auto asked = asked_partitions(header, frame);
    REQUIRE(asked);
    CHECK(asked->all == named(ids));
    CHECK(asked->forgotten.size() == (header.api == api::fetch && header.version >= 7 ? 1 : 0));
  }
}

TEST_CASE("what is not known is not guessed at") {
  CHECK_FALSE(read(produce(14)));
  CHECK_FALSE(read(fetch(19)));
  CHECK_FALSE(read(offsets(12)));
  Client metadata(3, 1, 9, false);
  metadata.count(0);
  CHECK_FALSE(read(metadata.frame()));
  CHECK(names_partitions(api::produce));
  CHECK_FALSE(names_partitions(3));
}

// No part of a request is one, and no bytes make it read past their end (which is for the
// sanitizer to see) or tell of more partitions than they could hold.
TEST_CASE("cut and spoilt requests are read within their bytes") {
  constexpr std::size_t size_field = 4;
  for (const auto& [frame, ids] : every_layout()) {
    for (std::size_t n = 0; n < frame.size(); ++n) {
      Bytes part(frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(n));
      if (n < size_field) continue;
      kafka::wire::store_big_endian(part.data(), static_cast<std::int32_t>(n - size_field));
      const auto asked = read(part);
      if (asked) CHECK(asked->all.size() <= named(ids).size());
    }
    std::uint64_t seed = 1;
    for (int round = 0; round < 300; ++round) {
      Bytes spoilt = frame;
      for (int i = 0; i < 3; ++i) {
        seed += golden_gamma;
        const auto drawn = mix(seed);
        spoilt[size_field + drawn % (spoilt.size() - size_field)] =
            static_cast<std::byte>(drawn >> 32U);
      }
      const auto asked = read(spoilt);
      if (asked) CHECK(asked->all.size() <= spoilt.size() / 4);
    }
  }
}

AskedPartitions asks(Session session, Partitions all, Partitions forgotten = {}) {
  return {.all = std::move(all),
          .forgotten = std::move(forgotten),
          .session = session.id,
          .epoch = session.epoch};
}

TEST_CASE("a session is about what was asked before, less what was forgotten") {
  const AskedPartition a{.topic = "a"}, b{.topic = "b"}, c{.topic = "c"};
  FetchSession session;
  CHECK(session.after(asks({0, 3}, {a})) == nullptr);  // began on another connection
  CHECK(*session.after(asks({0, -1}, {a})) == Partitions{a});
  CHECK(session.after(asks({7, 1}, {})) == nullptr);  // there was none
  CHECK(*session.after(asks({0, 0}, {a, b})) == Partitions{a, b});
  CHECK(*session.after(asks({7, 1}, {})) == Partitions{a, b});
  CHECK(*session.after(asks({7, 2}, {c}, {a})) == Partitions{b, c});
  CHECK(session.after(asks({8, 3}, {})) == nullptr);
  CHECK(session.after(asks({7, 3}, {})) == nullptr);
  CHECK(*session.after(asks({0, 0}, {c})) == Partitions{c});
  session.lose();
  CHECK(session.after(asks({9, 1}, {})) == nullptr);
}

}  // namespace
}  // namespace seatrial::proxy
