#include <fmt/format.h>

#include <cmath>

#include "base/words.h"
#include "jinja/characters.h"
#include "jinja/format_spec.h"
#include "jinja/numbers.h"
#include "jinja/operations.h"
#include "jinja/print.h"

namespace millrace::jinja {
namespace {

Error bad(std::string_view what) { return {ErrorKind::invalid_input, fmt::format("format: {}", what), {}, {}}; }

/// Adds to the text under construction, within the limits.
Status add(std::string& out, std::string_view text, Meter& meter) {
  MR_CHECK(meter.spend_text(text.size()));
  if (out.size() + text.size() > meter.limits().output_bytes) return meter.spend_text(out.size() + text.size());
  out += text;
  return ok();
}

class PercentFormat {
 public:
  PercentFormat(std::string_view format, const Value& values, Meter& meter)
      : rest_(format), values_(values), meter_(&meter) {}

  Result<std::string> run() {
    std::string out;
    while (!rest_.empty()) {
      const std::size_t at = std::min(rest_.find('%'), rest_.size());
      MR_CHECK(add(out, rest_.substr(0, at), *meter_));
      rest_.remove_prefix(at);
      if (rest_.empty()) break;
      rest_.remove_prefix(1);
      MR_TRY(const std::string text, field());
      MR_CHECK(add(out, text, *meter_));
    }
    if (values_.is(Kind::tuple) && next_ < values_.items().size()) return too_many();
    const bool single =
        !values_.is(Kind::tuple) && !values_.is(Kind::dict) && !values_.is(Kind::list) && !values_.is(Kind::undefined);
    if (single && next_ == 0) return too_many();
    return out;
  }

 private:
  static Error too_many() { return bad("found more values than % fields"); }

  Result<Value> next_value() {
    if (named_) return *named_;
    if (values_.is(Kind::tuple)) {
      if (next_ >= values_.items().size()) return bad("found fewer values than % fields");
      return values_.items()[next_++];
    }
    if (next_++ > 0) return bad("found fewer values than % fields");
    return values_;
  }

  Status name() {
    named_.reset();
    if (!rest_.starts_with('(')) return ok();
    const std::size_t end = rest_.find(')');
    if (end == std::string_view::npos) return bad("found %( without )");
    if (!values_.is(Kind::dict)) return bad("found %(name), expected a dict of values");
    const std::string_view key = rest_.substr(1, end - 1);
    const Value* found = values_.dict_entries().find(key);
    if (found == nullptr) return bad(fmt::format("found no value '{}'", printable(key, 60)));
    named_ = *found;
    rest_.remove_prefix(end + 1);
    return ok();
  }

  Result<std::int64_t> number() {
    if (rest_.starts_with('*')) {
      rest_.remove_prefix(1);
      MR_TRY(const Value v, next_value());
      if (!v.is_integral()) return bad("found no int for *");
      return v.integer();
    }
    std::int64_t out = 0;
    for (; !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; rest_.remove_prefix(1)) {
      out = out * 10 + (rest_.front() - '0');
      if (out > INT32_MAX) return bad("found a width that is too large");
    }
    return out;
  }

  Result<std::string> field() {
    MR_CHECK(name());
    FormatSpec spec;
    bool left = false, zeros = false;
    for (; !rest_.empty(); rest_.remove_prefix(1)) {
      const char flag = rest_.front();
      if (flag == '-')
        left = true;
      else if (flag == '0')
        zeros = true;
      else if (flag == '#')
        spec.alternate = true;
      else if (flag == '+')
        spec.sign = '+';
      else if (flag == ' ')
        spec.sign = spec.sign == '+' ? '+' : ' ';
      else
        break;
    }
    MR_TRY(spec.width, number());
    if (spec.width < 0) {
      left = true;
      spec.width = spec.width < -INT32_MAX ? INT32_MAX : -spec.width;
    }
    if (rest_.starts_with('.')) {
      rest_.remove_prefix(1);
      MR_TRY(spec.precision, number());
      spec.precision = std::max<std::int64_t>(spec.precision, 0);
    }
    while (!rest_.empty() && std::string_view("hlL").find(rest_.front()) != std::string_view::npos)
      rest_.remove_prefix(1);
    if (rest_.empty()) return bad("found % at the end, expected a field such as %s");
    spec.type = rest_.front();
    rest_.remove_prefix(1);
    if (spec.type == '%') return std::string("%");
    spec.align = left ? '<' : '>';
    if (zeros && !left && std::string_view("diuoxXeEfFgG").find(spec.type) != std::string_view::npos) {
      spec.align = '=';
      spec.fill.assign(1, '0');  // gcc 12 warns of -Wrestrict where a literal is assigned
    }
    MR_TRY(const Value v, next_value());
    return converted(v, spec);
  }

  Result<std::string> converted(const Value& v, FormatSpec spec) {
    switch (spec.type) {
      case 's': return formatted(v, spec, *meter_);
      case 'r': {
        MR_TRY(std::string text, to_repr(v, *meter_));
        spec.type = 's';
        return formatted(Value(std::move(text)), spec, *meter_);
      }
      case 'd':
      case 'i':
      case 'u':
      case 'x':
      case 'X':
      case 'o': return integer(v, spec);
      case 'e':
      case 'E':
      case 'f':
      case 'F':
      case 'g':
      case 'G':
        if (!v.is_number()) return bad(fmt::format("found {}, expected a number for %{}", v.type_name(), spec.type));
        return formatted(Value(v.real()), spec, *meter_);
      case 'c':
        if (!v.is(Kind::text) || count_characters(v.text()) != 1) return bad("expected one character for %c");
        spec.type = 's';
        return formatted(v, spec, *meter_);
      default:
        return bad(fmt::format("found the field %{}, expected one such as %s, %d or %f", printable({&spec.type, 1})));
    }
  }

  Result<std::string> integer(const Value& v, FormatSpec spec) {
    if (spec.type == 'i' || spec.type == 'u') spec.type = 'd';
    std::int64_t number = 0;
    if (v.is(Kind::real) && spec.type == 'd' && std::fabs(v.real()) < 9.2e18) {
      number = static_cast<std::int64_t>(v.real());
    } else if (v.is_integral()) {
      number = v.integer();
    } else {
      return bad(fmt::format("found {}, expected an int for %{}", v.type_name(), spec.type));
    }
    spec.precision = -1;
    return formatted(Value(number), spec, *meter_);
  }

  std::string_view rest_;
  const Value& values_;
  Meter* meter_;  // borrows; outlives us
  std::size_t next_ = 0;
  std::optional<Value> named_;
};

class BraceFormat {
 public:
  BraceFormat(const Args& args, Run& run) : args_(&args), run_(&run) {}

  Result<std::string> run(std::string_view format, int depth) {
    if (depth > 2) return bad("found fields nested in fields");
    std::string out;
    while (!format.empty()) {
      const std::size_t at = std::min(format.find_first_of("{}"), format.size());
      MR_CHECK(add(out, format.substr(0, at), run_->meter()));
      format.remove_prefix(at);
      if (format.empty()) break;
      if (format.starts_with("{{") || format.starts_with("}}")) {
        out += format.front();
        format.remove_prefix(2);
        continue;
      }
      const std::size_t end = field_end(format);
      if (format.front() == '}' || end == std::string_view::npos)
        return bad(fmt::format("found a single {}, expected it twice or a field in braces", format.front()));
      MR_TRY(const std::string text, field(format.substr(1, end - 1), depth));
      MR_CHECK(add(out, text, run_->meter()));
      format.remove_prefix(end + 1);
    }
    return out;
  }

 private:
  static std::size_t field_end(std::string_view format) {
    int open = 0;
    for (std::size_t i = 0; i < format.size(); ++i) {
      if (format[i] == '{') ++open;
      if (format[i] == '}' && --open == 0) return i;
    }
    return std::string_view::npos;
  }

  Result<std::string> field(std::string_view field, int depth) {
    MR_CHECK(run_->meter().spend());
    std::string_view path = field.substr(0, field.find_first_of("!:"));
    std::string_view rest = field.substr(path.size());
    char conversion = 0;
    if (rest.starts_with('!')) {
      if (rest.size() < 2 || (rest.size() > 2 && rest[2] != ':') ||
          (rest[1] != 'r' && rest[1] != 's' && rest[1] != 'a'))
        return bad("found a bad conversion after !, expected !r or !s");
      conversion = rest[1];
      rest.remove_prefix(2);
    }
    MR_TRY(Value v, value(path));
    if (conversion != 0) {
      MR_TRY(std::string text, conversion == 's' ? to_text(v, run_->meter()) : to_repr(v, run_->meter()));
      v = Value(std::move(text));
    }
    if (rest.size() <= 1) return to_text(v, run_->meter());
    MR_TRY(const std::string spec_text, run(rest.substr(1), depth + 1));
    if (spec_text.empty()) return to_text(v, run_->meter());
    MR_TRY(const FormatSpec spec, parse_format_spec(spec_text));
    const bool plain = v.is_number() || v.is(Kind::text) || v.is(Kind::undefined) || v.is(Kind::object);
    if (!plain)
      return bad(fmt::format("found {} with the format '{}', expected a str or number", v.type_name(),
                             printable(spec_text, 40)));
    return formatted(v, spec, run_->meter());
  }

  /// name, 0, or nothing for the next; then any number of .attribute and [key].
  Result<Value> value(std::string_view path) {
    const std::string_view head = path.substr(0, path.find_first_of(".["));
    path.remove_prefix(head.size());
    MR_TRY(Value v, argument(head));
    while (!path.empty()) {
      const bool bracket = path.front() == '[';
      const std::size_t end = bracket ? path.find(']') : path.find_first_of(".[", 1);
      if (bracket && end == std::string_view::npos) return bad("found [ without ]");
      const std::string_view step = path.substr(1, end == std::string_view::npos ? end : end - 1);
      const auto index = read_integer(step, 10);
      MR_TRY(v, bracket ? item_of(v, index ? Value(*index) : Value(step), *run_) : attribute_of(v, step, *run_));
      path.remove_prefix(end == std::string_view::npos ? path.size() : end + (bracket ? 1 : 0));
      if (!path.empty() && path.front() != '.' && path.front() != '[') return bad("expected . or [ after ]");
    }
    return v;
  }

  Result<Value> argument(std::string_view head) {
    std::optional<std::int64_t> index = head.empty() ? std::optional(next_++) : std::nullopt;
    if (!head.empty() && head.find_first_not_of("0123456789") == std::string_view::npos) {
      index = read_integer(head, 10);
      if (!index) return bad("found an index that is too large");
    }
    if (!index) {
      const Value* named = args_->find(head);
      if (named == nullptr) return bad(fmt::format("found no argument '{}'", printable(head, 60)));
      return *named;
    }
    if (*index >= static_cast<std::int64_t>(args_->positional.size()))
      return bad(fmt::format("found {} arguments, expected at least {}", args_->positional.size(),
                             static_cast<std::uint64_t>(*index) + 1));
    return args_->positional[static_cast<std::size_t>(*index)];
  }

  const Args* args_;  // borrows; outlives us
  Run* run_;          // borrows; outlives us
  std::int64_t next_ = 0;
};

}  // namespace

Result<std::string> percent_format(std::string_view format, const Value& values, Meter& meter) {
  return PercentFormat(format, values, meter).run();
}

Result<std::string> brace_format(std::string_view format, const Args& args, Run& run) {
  return BraceFormat(args, run).run(format, 1);
}

}  // namespace millrace::jinja
