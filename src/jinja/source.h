#pragma once
/// \file jinja/source.h
/// The text of a template and how to point at a place in it.

#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.h"

namespace millrace::jinja {

/// Where the text begins in its file, when it is a part of one. Both count from 1.
struct Start {
  std::size_t line = 1;
  std::size_t column = 1;  ///< in characters
};

/// Threads: safe to share.
class Source {
 public:
  /// Line ends become \n, and one at the very end is dropped, as Jinja does.
  Source(std::string_view text, std::string_view name, Start start = {});

  [[nodiscard]] std::string_view text() const { return text_; }
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] Start place(std::size_t offset) const;
  [[nodiscard]] std::string where(std::size_t offset) const;    ///< "orders.sql:3:7"
  [[nodiscard]] std::string excerpt(std::size_t offset) const;  ///< the line, and under it a caret
  /// An Error whose message starts with the place and whose trail starts with the excerpt.
  [[nodiscard]] Error error(ErrorKind kind, std::size_t offset, std::string_view what,
                            std::string_view hint = "") const;
  /// The same for an error that knows no place yet; its kind, hint and trail stay.
  [[nodiscard]] Error located(Error error, std::size_t offset) const;

 private:
  std::string text_;
  std::string name_;
  Start start_;
};

}  // namespace millrace::jinja
