#include "lake/s3/admin/policy_text.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>

#include "base/json.h"
#include "base/words.h"

namespace millrace::lake::s3::admin {
namespace {

void write_values(json::Writer& w, std::string_view key, const std::vector<std::string>& values) {
  if (values.size() == 1) {
    w.member(key, values[0]);
    return;
  }
  w.key(key).begin_array();
  for (const std::string& v : values) w.value(v);
  w.end_array();
}

std::string json_text(std::string_view text) {
  std::string out;
  json::append_string(out, text);
  return out;
}

/// Equal text for equal meaning: members sorted, lists sorted and one value alone without its list, everything a text.
std::string meaning_of(const simdjson::dom::element& e) {
  std::vector<std::string> parts;
  if (e.is_object()) {
    const simdjson::dom::object members = e.get_object().value_unsafe();
    for (const auto& [key, value] : members) parts.push_back(json_text(key) + ":" + meaning_of(value));
    std::sort(parts.begin(), parts.end());
    // {"AWS": "*"} is how some servers give "*" back.
    if (parts.size() == 1 && parts[0] == R"("AWS":"*")") return "\"*\"";
    return "{" + join(parts, ",") + "}";
  }
  if (e.is_array()) {
    const simdjson::dom::array values = e.get_array().value_unsafe();
    for (const auto& value : values) parts.push_back(meaning_of(value));
    std::sort(parts.begin(), parts.end());
    return parts.size() == 1 ? parts[0] : "[" + join(parts, ",") + "]";
  }
  if (e.is_string()) return json_text(e.get_string().value_unsafe());
  return json_text(simdjson::to_string(e));
}

Error no_policy(std::string_view json) {
  return {ErrorKind::unavailable,
          fmt::format("found no policy where one was expected: {}", printable(json)),
          "look at it with the tools of the server",
          {}};
}

FoundStatement found(const simdjson::dom::element& e) {
  FoundStatement s;
  std::string_view sid;
  if (e["Sid"].get(sid) == simdjson::SUCCESS) s.sid = sid;
  s.json = simdjson::to_string(e);
  s.meaning = meaning_of(e);
  return s;
}

}  // namespace

std::string to_json(const Statement& s) {
  json::Writer w;
  w.begin_object();
  if (!s.sid.empty()) w.member("Sid", s.sid);
  w.member("Effect", s.allow ? "Allow" : "Deny");
  if (s.principal == "*") w.member("Principal", "*");
  if (!s.principal.empty() && s.principal != "*")
    w.key("Principal").begin_object().member("AWS", s.principal).end_object();
  write_values(w, "Action", s.actions);
  if (!s.resources.empty()) write_values(w, "Resource", s.resources);
  if (!s.conditions.empty()) {
    w.key("Condition").begin_object();
    for (const Condition& c : s.conditions) {
      w.key(c.test).begin_object();
      write_values(w, c.key, c.values);
      w.end_object();
    }
    w.end_object();
  }
  w.end_object();
  return w.text();
}

std::string policy_of(const std::vector<std::string>& statements, std::string_view version) {
  return fmt::format(R"({{"Version":{},"Statement":[{}]}})", json_text(version), join(statements, ","));
}

std::string indented(std::string_view json, std::size_t indent) {
  std::string out;
  std::size_t depth = indent;
  bool in_text = false;
  const auto new_line = [&] { out.append("\n").append(depth * 2, ' '); };
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_text) {
      out += c;
      if (c == '\\') out += json[++i];
      in_text = c != '"';
    } else if (c == '{' || c == '[') {
      out += c;
      ++depth;
      new_line();
    } else if (c == '}' || c == ']') {
      --depth;
      new_line();
      out += c;
    } else {
      out += c;
      if (c == ',') new_line();
      if (c == ':') out += ' ';
      in_text = c == '"';
    }
  }
  return out;
}

Result<FoundPolicy> read_policy(std::string_view json) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(json.data(), json.size()).get(root) != simdjson::SUCCESS || !root.is_object())
    return no_policy(json);
  FoundPolicy policy;
  std::string_view version;
  policy.version = root["Version"].get(version) == simdjson::SUCCESS ? std::string(version) : "2008-10-17";
  simdjson::dom::element statements;
  if (root["Statement"].get(statements) != simdjson::SUCCESS) return no_policy(json);
  if (statements.is_object()) {
    policy.statements.push_back(found(statements));
  } else if (statements.is_array()) {
    const simdjson::dom::array all = statements.get_array().value_unsafe();
    for (const auto& s : all) policy.statements.push_back(found(s));
  } else {
    return no_policy(json);
  }
  return policy;
}

}  // namespace millrace::lake::s3::admin
