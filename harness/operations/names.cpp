// Interning. The hash is of the integer, or the standard library's over
// the text: histories are not adversaries, and a long run of slots costs time, never correctness.
#include "operations/names.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <functional>

#include "core/check.hpp"
#include "core/mix.hpp"

namespace seatrial::operations {
namespace {

constexpr std::size_t store_block = 1 << 16;

std::uint64_t hash_integer(std::uint32_t key, std::int64_t value) {
  return mix(static_cast<std::uint64_t>(value) + golden_gamma * (key + 1ULL));
}

std::uint64_t hash_text(std::uint32_t key, std::string_view text) {
  return mix(std::hash<std::string_view>{}(text) + key);
}

}  // namespace

std::string_view TextStore::keep(std::string_view text) {
  if (text.size() > left_) {
    left_ = std::max(store_block, text.size());
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(left_));
    next_ = blocks_.back().get();
  }
  std::memcpy(next_, text.data(), text.size());
  const std::string_view kept(next_, text.size());
  next_ += text.size();
  left_ -= text.size();
  return kept;
}

std::uint32_t Names::intern(const Scalar& scalar) {
  if (scalar.is_integer) {
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, scalar.integer).ptr;
    return intern_text({digits, end}, false);
  }
  if (scalar.is_string()) return intern_member(scalar.token);
  return intern_text(scalar.token, false);
}

std::uint32_t Names::intern_member(std::string_view token) {
  return intern_text(token.substr(1, token.size() - 2), true);
}

std::optional<std::uint32_t> Names::find(std::string_view token) {
  if (entries_.empty()) return std::nullopt;
  const std::string_view text = token.substr(1, token.size() - 2);
  const std::uint32_t slot =
      table_.slot(hash_text(0, text), [&](std::uint32_t id) { return entries_[id].text == text; });
  return slot == IdTable::none ? std::nullopt : std::optional(slot);
}

std::uint32_t Names::intern_text(std::string_view text, bool is_string) {
  table_.reserve(entries_.size(),
                 [&](std::uint32_t id) { return hash_text(0, entries_[id].text); });
  std::uint32_t& slot =
      table_.slot(hash_text(0, text), [&](std::uint32_t id) { return entries_[id].text == text; });
  if (slot == IdTable::none) {
    check(entries_.size() < 0x7fff'ffff, "fewer than 2^31 keys and processes");
    slot = static_cast<std::uint32_t>(entries_.size());
    entries_.push_back({std::string(text), is_string});
  }
  if (!is_string) entries_[slot].is_string = false;
  return slot;
}

std::string Names::json(std::uint32_t id) const {
  const Entry& entry = entries_[id];
  return entry.is_string ? '"' + entry.text + '"' : entry.text;
}

std::string_view Messages::text(std::uint32_t id) const {
  return texts_[static_cast<std::size_t>(values_[id])];
}

std::uint64_t Messages::hash_of(std::uint32_t id) const {
  const std::uint32_t key = keys_[id] & ~text_bit;
  return (keys_[id] & text_bit) != 0 ? hash_text(key, text(id)) : hash_integer(key, values_[id]);
}

MessageId Messages::intern(KeyId key, const Scalar& value) {
  table_.reserve(size(), [&](std::uint32_t id) { return hash_of(id); });
  const std::uint32_t tagged = value.is_integer ? key.value : key.value | text_bit;
  const std::uint64_t hash =
      value.is_integer ? hash_integer(key.value, value.integer) : hash_text(key.value, value.token);
  std::uint32_t& slot = table_.slot(hash, [&](std::uint32_t id) {
    if (keys_[id] != tagged) return false;
    return value.is_integer ? values_[id] == value.integer : text(id) == value.token;
  });
  if (slot != IdTable::none) return MessageId{slot};
  check(size() < IdTable::none, "fewer than 2^32 messages");
  slot = static_cast<std::uint32_t>(size());
  keys_.push_back(tagged);
  if (value.is_integer) {
    values_.push_back(value.integer);
  } else {
    values_.push_back(static_cast<std::int64_t>(texts_.size()));
    texts_.push_back(store_.keep(value.token));
  }
  return MessageId{slot};
}

std::string Messages::json(MessageId id) const {
  if ((keys_[id.value] & text_bit) != 0) return std::string(text(id.value));
  return std::to_string(values_[id.value]);
}

}  // namespace seatrial::operations
