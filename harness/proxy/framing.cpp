// Implements proxy/framing.hpp.
#include "proxy/framing.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "core/numbers.hpp"
#include "kafka/wire/bytes.hpp"

namespace seatrial::proxy {
namespace {

using kafka::wire::Cursor;

constexpr std::int16_t first_flexible_produce = 9;
constexpr std::int16_t first_transactional_produce = 3;
constexpr std::size_t size_bytes = 4;

// Where the `acks` of a Produce request lie behind its header, of which `cursor` has read all but
// the tagged fields.
bool wants_answer(Cursor& cursor, std::int16_t version) {
  if (version >= first_flexible_produce) {
    cursor.skip_tags();
    if (const auto length = cursor.varint(); length > 1) cursor.skip(length - 1);
  } else if (version >= first_transactional_produce) {
    cursor.string_in_place();
  }
  return cursor.int16() != 0;
}

}  // namespace

Parsed parse_request(BytesView bytes, RequestHeader& out) {
  Cursor cursor(bytes);
  out.size = cursor.int32();
  if (cursor.ok() && out.size < 10) return Parsed::not_kafka;
  out.api = cursor.int16();
  out.version = cursor.int16();
  out.correlation = cursor.int32();
  if (cursor.ok() && (out.api < 0 || out.version < 0)) return Parsed::not_kafka;
  out.client = cursor.string_in_place();
  const std::size_t left = cursor.left();
  const bool produce = out.api == api::produce;
  out.answered = !produce || wants_answer(cursor, out.version);
  if (cursor.ok()) {
    out.body = bytes.size() - left;
    const bool fits =
        bytes.size() - cursor.left() <= static_cast<std::size_t>(out.size) + size_bytes;
    return fits ? Parsed::whole : Parsed::not_kafka;
  }
  const bool whole_frame =
      bytes.size() >= size_bytes && bytes.size() >= static_cast<std::size_t>(out.size) + size_bytes;
  return whole_frame ? Parsed::not_kafka : Parsed::too_short;
}

Parsed parse_response(BytesView bytes, ResponseHeader& out) {
  Cursor cursor(bytes);
  out.size = cursor.int32();
  if (cursor.ok() && out.size < 4) return Parsed::not_kafka;
  out.correlation = cursor.int32();
  return cursor.ok() ? Parsed::whole : Parsed::too_short;
}

void Pipeline::push(InFlight request) {
  request.turn = ++turns_;
  waiting_.push_back(std::move(request));
}

void Pipeline::keep_place(InFlight request) {
  in_order_ = false;
  waiting_.push_back(std::move(request));
}

void Pipeline::take_place() {
  const auto at = std::ranges::find(waiting_, 0U, &InFlight::turn);
  if (at != waiting_.end()) at->turn = ++turns_;
}

std::deque<InFlight>::iterator Pipeline::next_answered() {
  const auto open = [](const InFlight& r) { return r.answer.empty(); };
  if (in_order_) return std::ranges::find_if(waiting_, open);
  auto next = waiting_.end();
  for (auto at = waiting_.begin(); at != waiting_.end(); ++at) {
    if (!open(*at) || at->turn == 0) continue;
    if (next == waiting_.end() || at->turn < next->turn) next = at;
  }
  return next;
}

std::optional<InFlight> Pipeline::answered(std::int32_t correlation) {
  const auto asked = next_answered();
  if (asked == waiting_.end() || asked->correlation != correlation) return std::nullopt;
  const bool early =
      std::any_of(waiting_.begin(), asked, [](const InFlight& r) { return r.answer.empty(); });
  if (early && !asked->swallowed) {
    InFlight found = *asked;
    found.early = true;
    return found;
  }
  InFlight found = std::move(*asked);
  waiting_.erase(asked);
  in_order_ = in_order_ || waiting_.empty();
  return found;
}

void Pipeline::answer_early(std::uint64_t turn, Bytes answer) {
  const auto at = std::ranges::find(waiting_, turn, &InFlight::turn);
  if (at != waiting_.end()) at->answer = std::move(answer);
}

std::optional<Bytes> Pipeline::own_answer() {
  if (waiting_.empty() || waiting_.front().answer.empty()) return std::nullopt;
  Bytes answer = std::move(waiting_.front().answer);
  waiting_.pop_front();
  return answer;
}

std::optional<std::int32_t> node_of_client(std::string_view client) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto* from = std::ranges::find_if(client, digit);
  const auto* to = std::find_if_not(from, client.end(), digit);
  const auto number = parse_integer({from, to}, 0, std::numeric_limits<std::int32_t>::max());
  if (!number) return std::nullopt;
  return static_cast<std::int32_t>(*number);
}

}  // namespace seatrial::proxy
