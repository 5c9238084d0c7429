#pragma once
/// \file base/json.h
/// Writing JSON: the few appends that everything else is made of, and a small document writer.
/// Source: RFC 8259. Text is expected to be UTF-8; a byte that is not becomes U+FFFD.

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace millrace::json {

void append_string(std::string& out, std::string_view text);  ///< with quotes and escapes
void append_number(std::string& out, std::int64_t value);
void append_number(std::string& out, std::uint64_t value);
void append_number(std::string& out, double value);  ///< shortest form; NaN and infinities become null
void append_number(std::string& out, bool value);    ///< true or false

/// Writes one document; commas are its business.
/// Threads: one thread at a time.
class Writer {
 public:
  Writer& begin_object() { return open('{'); }
  Writer& end_object() { return close('}'); }
  Writer& begin_array() { return open('['); }
  Writer& end_array() { return close(']'); }
  Writer& key(std::string_view name);
  Writer& value(std::string_view text);
  Writer& value(const char* text) { return value(std::string_view(text)); }
  Writer& value(const std::string& text) { return value(std::string_view(text)); }
  Writer& null();
  template <class N>
  requires std::is_arithmetic_v<N> Writer& value(N number) {
    comma();
    if constexpr (std::is_same_v<N, bool> || std::is_floating_point_v<N>) {
      append_number(out_, number);
    } else if constexpr (std::is_signed_v<N>) {
      append_number(out_, static_cast<std::int64_t>(number));
    } else {
      append_number(out_, static_cast<std::uint64_t>(number));
    }
    return *this;
  }
  template <class V>
  Writer& member(std::string_view name, const V& v) {
    key(name);
    return value(v);
  }
  [[nodiscard]] const std::string& text() const { return out_; }

 private:
  Writer& open(char c);
  Writer& close(char c);
  void comma();
  std::string out_;
  bool need_comma_ = false;
};

}  // namespace millrace::json
