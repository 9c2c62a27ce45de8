// The scalars of a history as dense 32-bit ids: keys and processes by their text, messages by key
// and value. A value that is an integer costs 12 bytes and its slot in the hash table; any other
// one its text besides. Ids count from 0 in order of first sight. Not safe for several threads.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/ids.hpp"
#include "operations/blocks.hpp"

namespace seatrial::operations {

using KeyId = Id<struct KeyTag, std::uint32_t>;          // a partition, whatever its name is
using ProcessId = Id<struct ProcessTag, std::uint32_t>;  // who performs one operation at a time
using MessageId = Id<struct MessageTag, std::uint32_t>;  // one value of one key

// A JSON scalar. `token` is its canonical JSON text: equal values have equal tokens, and the
// string "1" and the number 1 differ. Integers of 64 bits leave it empty. A view into the reader's
// line: valid until the next scalar is read.
struct Scalar {
  bool is_integer = false;
  std::int64_t integer = 0;
  std::string_view token;
  [[nodiscard]] bool is_string() const { return !is_integer && token.starts_with('"'); }
};

// Texts kept at addresses that stay.
class TextStore {
 public:
  [[nodiscard]] std::string_view keep(std::string_view text);

 private:
  std::vector<std::unique_ptr<char[]>> blocks_;
  std::size_t left_ = 0;
  char* next_ = nullptr;
};

// An open-addressing table of ids; the owner knows what an id stands for.
class IdTable {
 public:
  // The slot of the id for which `same` holds, or the empty slot where it belongs.
  template <class Same>
  [[nodiscard]] std::uint32_t& slot(std::uint64_t hash, Same same) {
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t i = hash & mask;; i = (i + 1) & mask) {
      if (slots_[i] == none || same(slots_[i])) return slots_[i];
    }
  }
  // Makes room for one more than `size`; `hash_of` yields an id's hash.
  template <class HashOf>
  void reserve(std::size_t size, HashOf hash_of) {
    if ((size + 1) * 10 < slots_.size() * 7) return;
    const std::size_t wider = slots_.empty() ? 64 : slots_.size() * 2;
    std::vector<std::uint32_t>().swap(slots_);  // before the new one, for the peak's sake
    slots_.assign(wider, none);
    for (std::uint32_t id = 0; id < size; ++id) {
      slot(hash_of(id), [](std::uint32_t) { return false; }) = id;
    }
  }
  static constexpr std::uint32_t none = 0xffff'ffff;

 private:
  std::vector<std::uint32_t> slots_;
};

// Keys and processes. The key 5 of a send is the key "5" of a poll, as JSON's object keys are
// strings: both are known by their text, and shown as the scalar if one was ever seen.
class Names {
 public:
  std::uint32_t intern(const Scalar& scalar);
  // Of a member name in an object: canonical JSON text with its quotes.
  std::uint32_t intern_member(std::string_view token);
  // Of a string, if it was seen.
  [[nodiscard]] std::optional<std::uint32_t> find(std::string_view token);
  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] std::string json(std::uint32_t id) const;  // a token

 private:
  struct Entry {
    std::string text;  // canonical, without quotes
    bool is_string = true;
  };
  std::uint32_t intern_text(std::string_view text, bool is_string);
  std::vector<Entry> entries_;
  IdTable table_;
};

class Messages {
 public:
  MessageId intern(KeyId key, const Scalar& value);
  [[nodiscard]] std::size_t size() const { return keys_.size(); }
  [[nodiscard]] KeyId key(MessageId id) const { return KeyId{keys_[id.value] & ~text_bit}; }
  [[nodiscard]] std::string json(MessageId id) const;  // the value's token
  // Gives back what only intern needs, which must not be called any more.
  void no_more() { table_ = {}; }

 private:
  static constexpr std::uint32_t text_bit = 0x8000'0000;
  [[nodiscard]] std::uint64_t hash_of(std::uint32_t id) const;
  [[nodiscard]] std::string_view text(std::uint32_t id) const;
  Blocks<std::uint32_t> keys_;   // the key, and whether the value is an integer or a text
  Blocks<std::int64_t> values_;  // the integer, or an index into texts_
  Blocks<std::string_view> texts_;
  TextStore store_;
  IdTable table_;
};

}  // namespace seatrial::operations
