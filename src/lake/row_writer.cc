#include "lake/row_writer.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/words.h"
#include "contract/normal_form.h"

namespace millrace::lake {

std::vector<Column> RowShape::columns() const {
  std::vector<Column> out;
  for (const ColumnContract& c : contract->columns) out.push_back({c.name, c.type});
  for (const std::string& name : added_columns()) out.push_back({name, {TypeKind::text}});
  out.push_back({std::string(kLineColumn), {TypeKind::int64}});
  out.push_back({std::string(kOffsetColumn), {TypeKind::int64}});
  out.push_back({std::string(kLengthColumn), {TypeKind::int32}});
  return out;
}

std::size_t RowShape::variant_of(std::size_t column) const {
  const auto it = std::find(variants.begin(), variants.end(), column);
  return it == variants.end() ? npos : first_variant() + static_cast<std::size_t>(it - variants.begin());
}

bool RowShape::may_vary(std::size_t column) const {
  const std::string name = to_lower_ascii(variant_name(contract->columns[column].name));
  const auto taken = [&](const std::string& other) { return to_lower_ascii(other) == name; };
  return std::none_of(new_columns.begin(), new_columns.end(), taken) &&
         std::none_of(contract->columns.begin(), contract->columns.end(),
                      [&](const ColumnContract& c) { return taken(c.name); });
}

std::vector<std::string> RowShape::added_columns() const {
  std::vector<std::string> out = new_columns;
  for (const std::size_t column : variants) out.push_back(variant_name(contract->columns[column].name));
  return out;
}

std::string variant_name(std::string_view column) { return std::string(column) + "__v_text"; }

bool is_type_code(RejectCode code) {
  using enum RejectCode;
  switch (code) {
    case bad_integer:
    case bad_decimal:
    case bad_number:
    case bad_boolean:
    case bad_date:
    case bad_timestamp:
    case ambiguous_time:
    case unexpected_zone:
    case json_nesting: return true;
    default: return false;
  }
}

void write_place(const RowShape& shape, const Place& place, std::span<ColumnBuffer> out, std::size_t row) {
  const std::size_t at = shape.width();
  out[at].set(row, place.line);
  out[at + 1].set(row, static_cast<std::int64_t>(place.offset));
  out[at + 2].set(row, static_cast<std::int32_t>(place.length));
}

void write_new_column(FieldText field, ColumnBuffer& out, std::size_t row) {
  if (field.text.empty() && !field.quoted)
    out.set_null(row);
  else
    out.set(row, StringCell::of(field.text));
}

FieldText as_declared(const ColumnContract& column, FieldText field, std::deque<std::string>& texts, FlagSet& flags) {
  if (!column.composed) return field;
  auto text = composed(field.text);
  if (!text) return field;
  flags.add(RejectCode::composed_text);
  return {texts.emplace_back(*std::move(text)), field.quoted, field.nested};
}

void RowWriter::reject(const Place& place, std::string_view raw, RejectCode code, std::string reason) {
  ++findings_->records;
  findings_->record_bytes += place.length;
  findings_->add_reject(place, raw, code, "", std::move(reason));
}

RejectCode settle(const RowShape& shape, std::size_t column, FieldText field, RejectCode code, const Place& place,
                  Tally& tally, std::span<ColumnBuffer> out, std::size_t row) {
  const ColumnContract& c = shape.contract->columns[column];
  if (!is_type_code(code) || shape.policy.data_type == SchemaMode::discard_row) return code;
  if (shape.policy.data_type == SchemaMode::freeze) {
    tally.refuse({RejectCode::bad_type, fmt::format("line {}, {}", place.line, reason_of(c, field, code))});
    return code;
  }
  if (c.required) return code;
  if (shape.policy.data_type == SchemaMode::evolve) {
    if (!shape.may_vary(column)) return code;
    const std::size_t variant = shape.variant_of(column);
    if (variant == RowShape::npos) {
      tally.need_variant(column);  // the file is read again, with it
    } else {
      out[variant].set_valid(row);
      out[variant].set(row, StringCell::of(field.text));
    }
  }
  out[column].set_null(row);
  return RejectCode::none;
}

RejectCode kept_as(const SchemaPolicy& policy) {
  return policy.data_type == SchemaMode::evolve ? RejectCode::variant_value : RejectCode::discarded_value;
}

void clear_variants(const RowShape& shape, std::span<ColumnBuffer> out, std::size_t row) {
  for (std::size_t v = shape.first_variant(); v < shape.width(); ++v) out[v].set_null(row);
}

bool RowWriter::write(std::span<const FieldText> fields, const Place& place, std::string_view raw,
                      std::span<ColumnBuffer> out, std::size_t row, RejectCode record_flag) {
  ++findings_->records;
  findings_->record_bytes += place.length;
  pending_.clear();
  if (record_flag != RejectCode::none) pending_.push_back({PendingFlag::kRecord, record_flag, record_flag});
  const auto& columns = shape_->contract->columns;
  clear_variants(*shape_, out, row);
  for (std::size_t c = 0; c < columns.size(); ++c) {
    FlagSet flags;
    const FieldText field = columns[c].composed ? as_declared(columns[c], fields[c], texts_, flags) : fields[c];
    const RejectCode broken = field.text.size() > shape_->max_field_bytes ? RejectCode::field_too_long
                              : field.nested && columns[c].type.kind != TypeKind::text
                                  ? RejectCode::json_nesting
                                  : write_field(columns[c], field, shape_->now_us, out[c], row, flags);
    for (const RejectCode flag : flags) pending_.push_back({c, flag, flag});
    if (broken == RejectCode::none) continue;
    const RejectCode code = settle(*shape_, c, fields[c], broken, place, *tally_, out, row);
    if (code != RejectCode::none) {
      findings_->add_reject(place, raw, code, columns[c].name, reason_of(columns[c], fields[c], code));
      for (ColumnBuffer& buffer : out) buffer.set_valid(row);
      return false;
    }
    pending_.push_back({c, kept_as(shape_->policy), broken});
  }
  for (std::size_t c = columns.size(); c < shape_->first_variant(); ++c) write_new_column(fields[c], out[c], row);
  for (const PendingFlag& p : pending_) {
    if (p.column == PendingFlag::kRecord)
      findings_->add_flag(place, p.flag, "", [&] { return std::string(meaning_of(p.flag).meaning); });
    else
      findings_->add_flag(place, p.flag, columns[p.column].name,
                          [&] { return reason_of(columns[p.column], fields[p.column], p.why); });
  }
  if (!pending_.empty()) ++findings_->flagged;
  write_place(*shape_, place, out, row);
  ++findings_->loaded;
  return true;
}

}  // namespace millrace::lake
