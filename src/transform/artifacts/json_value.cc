#include "transform/artifacts/json_value.h"

#include "jinja/print.h"

namespace millrace::transform {

using jinja::Kind;

void write_value(json::Writer& w, const jinja::Value& v) {
  switch (v.kind()) {
    case Kind::none:
    case Kind::undefined: w.null(); return;
    case Kind::boolean: w.value(v.boolean()); return;
    case Kind::integer: w.value(v.integer()); return;
    case Kind::real: w.value(v.real()); return;
    case Kind::text: w.value(v.text()); return;
    case Kind::list:
    case Kind::tuple:
      w.begin_array();
      for (const jinja::Value& item : v.items()) write_value(w, item);
      w.end_array();
      return;
    case Kind::dict:
    case Kind::name_space:
      w.begin_object();
      for (const auto& e : v.dict_entries().entries()) {
        const auto key = jinja::to_text(e.key);
        w.key(key ? *key : std::string());
        write_value(w, e.value);
      }
      w.end_object();
      return;
    case Kind::function:
    case Kind::object: {
      const auto text = jinja::to_text(v);
      w.value(text ? *text : std::string());
      return;
    }
  }
}

}  // namespace millrace::transform
