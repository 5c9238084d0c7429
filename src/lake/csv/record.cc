#include "lake/csv/record.h"

#include <algorithm>
#include <cstring>

namespace millrace::lake::csv {
namespace {

bool is_line_end(char c) { return c == '\n' || c == '\r'; }

/// First line end in [p, end), or end.
const char* find_line_end(const char* p, const char* end) {
  const auto* lf = static_cast<const char*>(std::memchr(p, '\n', static_cast<std::size_t>(end - p)));
  const char* stop = lf != nullptr ? lf : end;
  const auto* cr = static_cast<const char*>(std::memchr(p, '\r', static_cast<std::size_t>(stop - p)));
  return cr != nullptr ? cr : stop;
}

const char* behind_line_end(const char* p, const char* end) {
  if (p == end) return end;
  return *p == '\r' && p + 1 < end && p[1] == '\n' ? p + 2 : p + 1;
}

enum class Quote { closed, broken, too_long, cut_off };
struct QuoteEnd {
  Quote how;
  const char* close = nullptr;
  bool doubled = false;
};

/// The first quote or escape character in [p, end), or end.
const char* find_quote_or_escape(const char* p, const char* end, const Dialect& dialect) {
  const auto find = [](const char* from, const char* to, char c) {
    const auto* at = static_cast<const char*>(std::memchr(from, c, static_cast<std::size_t>(to - from)));
    return at != nullptr ? at : to;
  };
  const char* quote = find(p, end, dialect.quote);
  return dialect.escape == '\0' ? quote : find(p, quote, dialect.escape);
}

/// The closing quote of the field that opens at `open`. cut_off: the buffer ends before it is known.
QuoteEnd find_closing_quote(const char* open, const char* end, const Dialect& dialect) {
  const bool whole = static_cast<std::size_t>(end - open) > dialect.max_field_bytes + 1;
  const char* limit = whole ? open + dialect.max_field_bytes + 2 : end;
  QuoteEnd result{whole ? Quote::too_long : Quote::cut_off};
  for (const char* p = open + 1; p < limit;) {
    p = find_quote_or_escape(p, limit, dialect);
    if (p == limit) return result;
    if (*p == dialect.escape && dialect.escape != dialect.quote) {
      result.doubled = true;
      p += 2;
      continue;
    }
    if (p + 1 == end) {
      result.how = Quote::cut_off;
      result.close = p;
      return result;
    }
    if (p[1] == dialect.quote) {
      result.doubled = true;
      p += 2;
      continue;
    }
    result.close = p;
    result.how = p[1] == dialect.delimiter || is_line_end(p[1]) ? Quote::closed : Quote::broken;
    return result;
  }
  return result;
}

}  // namespace

RecordReader::RecordReader(std::string_view buffer, const Dialect& dialect, std::int64_t first_line)
    : at_(buffer.data()),
      end_(buffer.data() + buffer.size()),
      dialect_(dialect),
      scanner_(at_, end_, dialect.delimiter, dialect.quote, '\n', '\r'),
      line_(first_line) {}

/// Reads the quoted field that opens at `open`; returns the character behind its closing quote, or
/// nullptr where it is broken. The buffer ends behind a record, so here a cut off quote is either
/// closed by the very last byte, or broken.
const char* RecordReader::read_quoted(const char* open, FieldSlice& field) {
  const QuoteEnd q = find_closing_quote(open, end_, dialect_);
  if (q.how == Quote::broken || q.how == Quote::too_long || q.close == nullptr) return nullptr;
  field = {{open + 1, q.close}, true, q.doubled};
  const char* after = q.close + 1;
  line_ += count_line_ends(field.text);
  scanner_.seek(after);
  return after;
}

void RecordReader::read_broken(Record& out, const char* open) {
  fields_.clear();
  line_ = out.line;
  const char* line_end = find_line_end(out.begin, end_);
  // The code is told from the first line alone, so that it does not depend on where buffers end.
  const QuoteEnd q = find_closing_quote(open, end_, dialect_);
  if (q.how == Quote::broken && q.close < line_end)
    out.broken = RejectCode::text_after_quote;
  else if (q.how == Quote::too_long && static_cast<std::size_t>(line_end - open) > dialect_.max_field_bytes)
    out.broken = RejectCode::field_too_long;
  else
    out.broken = RejectCode::unbalanced_quote;
  finish(out, line_end);
  scanner_.seek(out.end);
}

void RecordReader::finish(Record& out, const char* text_end) {
  out.text_end = text_end;
  out.end = behind_line_end(text_end, end_);
  out.fields = fields_;
  if (out.end != text_end) ++line_;
  if (out.end == text_end + 2) scanner_.next();  // the LF of a CRLF; read_broken seeks anyway
  at_ = out.end;
}

void RecordReader::seek(const char* position, std::int64_t line) {
  at_ = position;
  line_ = line;
  scanner_.seek(position);
}

bool RecordReader::next(Record& out) {
  if (at_ == end_) return false;
  out = Record{};
  out.begin = at_;
  out.line = line_;
  fields_.clear();
  const char* field_start = at_;
  while (true) {
    FieldSlice field;
    const char* stop = nullptr;
    if (field_start < end_ && *field_start == dialect_.quote) {
      stop = read_quoted(field_start, field);
      if (stop == nullptr) {
        read_broken(out, field_start);
        return true;
      }
      if (stop < end_) scanner_.next();  // steps over the delimiter or line end that `stop` is
    } else {
      while ((stop = scanner_.next()) < end_ && *stop == dialect_.quote) out.stray_quote = true;
      field.text = {field_start, stop};
    }
    fields_.push_back(field);
    if (stop < end_ && *stop == dialect_.delimiter) {
      field_start = stop + 1;
      continue;
    }
    finish(out, stop);
    return true;
  }
}

Cut cut_at_record(std::string_view buffer, const Dialect& dialect, bool end_of_file, std::int64_t most_lines) {
  const char* const begin = buffer.data();
  const char* const end = begin + buffer.size();
  StructuralScanner scanner(begin, end, dialect.quote, '\n', '\r', '\n');
  const char* record = begin;
  const char* p = begin;
  std::int64_t lines = 0, inner_lines = 0;  // of whole records; in quotes of the present one
  while (lines < most_lines && (p = scanner.next()) != end) {
    if (*p == dialect.quote) {
      if (p != record && p[-1] != dialect.delimiter) continue;
      const QuoteEnd q = find_closing_quote(p, end, dialect);
      const bool closed = q.how == Quote::closed || (q.how == Quote::cut_off && end_of_file && q.close != nullptr);
      if (q.how == Quote::cut_off && !end_of_file) break;
      if (closed) {
        inner_lines += count_line_ends({p + 1, q.close});
        scanner.seek(q.close + 1);
        continue;
      }
      inner_lines = 0;
      p = find_line_end(record, end);
      if (p == end) break;
    }
    if (*p == '\r' && p + 1 == end && !end_of_file) break;  // its LF may come with the next bytes
    record = behind_line_end(p, end);
    lines += inner_lines + 1;
    inner_lines = 0;
    scanner.seek(record);
  }
  if (end_of_file && lines < most_lines && record != end) {  // the last record needs no line end
    lines += inner_lines;
    record = end;
  }
  const bool too_long = record == begin && !end_of_file && buffer.size() >= dialect.max_record_bytes;
  return {static_cast<std::size_t>(record - begin), lines, too_long};
}

std::size_t bytes_of_lines(std::string_view text, std::int64_t lines) {
  std::size_t at = 0;
  for (; lines > 0; --lines) {
    at = text.find_first_of("\r\n", at);
    if (at == std::string_view::npos) return at;
    at += text.substr(at).starts_with("\r\n") ? 2 : 1;
  }
  return at;
}

std::int64_t count_line_ends(std::string_view text) {
  std::int64_t n = std::count(text.begin(), text.end(), '\n');
  for (std::size_t at = text.find('\r'); at != std::string_view::npos; at = text.find('\r', at + 1))
    if (at + 1 == text.size() || text[at + 1] != '\n') ++n;
  return n;
}

}  // namespace millrace::lake::csv
