// Layouts from Kafka's protocol guide.
#include "proxy/partitions.hpp"

#include <algorithm>
#include <utility>

#include "kafka/wire/bytes.hpp"

namespace seatrial::proxy {
namespace {

using kafka::wire::Cursor;

constexpr std::int16_t list_offsets = 2;
constexpr std::size_t most_in_session = 1'000'000;  // partitions; a broker has far fewer

// How one version writes topics and what stands behind a partition's number.
struct Layout {
  bool flexible = false;
  bool ids = false;
  bool records = false;   // of Produce: bytes with their length
  std::size_t fixed = 0;  // bytes of numbers
};

std::size_t count_of(Cursor& in, const Layout& layout, std::size_t least) {
  return layout.flexible ? in.compact_array(least) : in.array(least);
}

void skip_bytes(Cursor& in, const Layout& layout) {
  if (layout.flexible) {
    const auto length = in.varint();
    in.skip(length == 0 ? 0 : length - 1);
  } else {
    const auto length = in.int32();
    in.skip(length < 0 ? 0 : static_cast<std::uint64_t>(length));
  }
}

void read_topic_of(AskedPartition& one, Cursor& in, const Layout& layout) {
  if (layout.ids) {
    const auto bytes = in.bytes(std::tuple_size_v<TopicId>);
    one.id.emplace();
    std::ranges::copy(bytes, one.id->begin());
  } else {
    one.topic = layout.flexible ? in.compact_string() : in.string();
  }
}

Partitions read_topics(Cursor& in, const Layout& layout) {
  constexpr std::size_t least_topic = 2, least_partition = 4;
  Partitions out;
  for (auto topics = count_of(in, layout, least_topic); topics > 0 && in.ok(); --topics) {
    AskedPartition one;
    read_topic_of(one, in, layout);
    for (auto left = count_of(in, layout, least_partition); left > 0 && in.ok(); --left) {
      one.partition = in.int32();
      in.skip(layout.fixed);
      if (layout.records) skip_bytes(in, layout);
      if (layout.flexible) in.skip_tags();
      out.insert(one);
    }
    if (layout.flexible) in.skip_tags();
  }
  return out;
}

// Of Fetch, whose entries are numbers alone.
Partitions read_forgotten(Cursor& in, const Layout& layout) {
  Partitions out;
  for (auto topics = count_of(in, layout, 2); topics > 0 && in.ok(); --topics) {
    AskedPartition one;
    read_topic_of(one, in, layout);
    for (auto left = count_of(in, layout, 4); left > 0 && in.ok(); --left) {
      one.partition = in.int32();
      out.insert(one);
    }
    if (layout.flexible) in.skip_tags();
  }
  return out;
}

AskedPartitions read_produce(Cursor& in, std::int16_t version) {
  const Layout layout{.flexible = version >= 9, .ids = version >= 13, .records = true};
  if (version >= 9) skip_bytes(in, layout);  // transactional id
  else if (version >= 3) in.string_in_place();
  in.skip(2 + 4);  // acks, timeout
  return {.all = read_topics(in, layout)};
}

AskedPartitions read_fetch(Cursor& in, std::int16_t version) {
  const Layout layout{.flexible = version >= 12,
                      .ids = version >= 13,
                      .fixed = 8U + 4U + (version >= 5 ? 8U : 0U) + (version >= 9 ? 4U : 0U) +
                               (version >= 12 ? 4U : 0U)};
  if (version < 15) in.skip(4);  // replica
  in.skip(4 + 4);                // longest wait, least bytes
  if (version >= 3) in.skip(4);  // most bytes
  if (version >= 4) in.skip(1);  // isolation
  AskedPartitions out;
  if (version >= FetchSession::first_version) {
    out.session = in.int32();
    out.epoch = in.int32();
  }
  out.all = read_topics(in, layout);
  if (version >= FetchSession::first_version) out.forgotten = read_forgotten(in, layout);
  return out;
}

AskedPartitions read_list_offsets(Cursor& in, std::int16_t version) {
  const Layout layout{.flexible = version >= 6,
                      .fixed = 8U + (version == 0 ? 4U : 0U) + (version >= 4 ? 4U : 0U)};
  in.skip(4);                    // replica
  if (version >= 2) in.skip(1);  // isolation
  return {.all = read_topics(in, layout)};
}

struct Readable {
  std::int16_t api, most, first_flexible;
  AskedPartitions (*read)(Cursor&, std::int16_t version);
};

constexpr std::array<Readable, 3> readable{{{api::produce, 13, 9, read_produce},
                                            {api::fetch, 18, 12, read_fetch},
                                            {list_offsets, 11, 6, read_list_offsets}}};

}  // namespace

bool names_partitions(std::int16_t api) {
  return std::ranges::find(readable, api, &Readable::api) != readable.end();
}

std::optional<AskedPartitions> asked_partitions(const RequestHeader& header, BytesView frame) {
  const auto* at = std::ranges::find(readable, header.api, &Readable::api);
  if (at == readable.end() || header.version > at->most || header.body > frame.size())
    return std::nullopt;
  Cursor in(frame.subspan(header.body));
  if (header.version >= at->first_flexible) in.skip_tags();  // of the header
  auto out = at->read(in, header.version);
  if (!in.ok()) return std::nullopt;
  return out;
}

const Partitions* FetchSession::after(AskedPartitions request) {
  if (request.epoch <= 0) {  // all of it: 0 begins a session, -1 is none or ends one
    begun_ = request.epoch == 0;
    id_ = 0;
    all_ = std::move(request.all);
    return &all_;
  }
  if (id_ == 0) id_ = request.session;
  if (!begun_ || id_ != request.session || all_.size() > most_in_session) {
    begun_ = false;
    return nullptr;
  }
  for (const auto& one : request.forgotten) all_.erase(one);
  all_.merge(std::move(request.all));
  return &all_;
}

}  // namespace seatrial::proxy
