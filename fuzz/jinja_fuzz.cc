/// Any bytes as a template: parse and render must end with a text or an Error, within small limits.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "jinja/template.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace millrace::jinja;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  MapScope globals;
  globals.set("rows",
              Value::list({Value(1), Value("b"), Value(2.5), Value(), Value::tuple({Value("k"), Value(true)})}));
  globals.set("config", Value::function("config", [](Run& run, const Args& args) -> millrace::Result<Value> {
                const Value* caller = args.find("caller");
                if (caller != nullptr) return run.call(*caller, {});
                return args.positional.empty() ? Value("") : args.positional.front();
              }));
  Options options;
  options.limits.steps = 20'000;
  options.limits.output_bytes = 1 << 16;
  options.missing = size % 3 == 0 ? Missing::strict : size % 3 == 1 ? Missing::permissive : Missing::callable;
  const auto parsed = parse(text, "fuzz");
  if (!parsed) return 0;
  (void)render(*parsed, globals, options);
  (void)render_native(*parsed, globals, options);
  for (const MacroSignature& m : parsed->macros()) {
    const auto macro = parsed->macro(m.name);
    if (macro) (void)call_macro(*macro, Args{{Value(1)}, {}}, globals, options);
  }
  return 0;
}
