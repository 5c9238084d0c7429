#include "transform/loaded.h"

#include <fmt/format.h>

#include <algorithm>

namespace millrace::transform {

Result<std::unique_ptr<LoadedProject>> LoadedProject::load(const std::string& folder, Target target,
                                                           Invocation invocation, Told told) {
  auto loaded = std::unique_ptr<LoadedProject>(new LoadedProject(std::move(target), std::move(invocation)));
  MR_TRY(loaded->project_, read_project(folder, loaded->target_, loaded->invocation_));
  loaded->renderer_ = std::make_unique<Renderer>(loaded->project_, loaded->target_, loaded->invocation_);
  if (told) loaded->renderer_->on_told(std::move(told));
  MR_CHECK(loaded->renderer_->parse());
  MR_TRY(loaded->graph_, Graph::of(loaded->project_));
  return loaded;
}

Status LoadedProject::compile_all() {
  for (const NodeId id : graph_.order()) MR_CHECK(renderer_->compile(id));
  return ok();
}

Result<RunReport> LoadedProject::run(warehouse::Session& session, const Clock& clock, const RunRequest& request) {
  return transform::run({&project_, &graph_, renderer_.get(), &target_, &invocation_, &session, &clock}, request);
}

std::size_t LoadedProject::count(ResourceType type) const {
  return static_cast<std::size_t>(std::count_if(project_.nodes.begin(), project_.nodes.end(),
                                                [type](const Node& n) { return n.type == type && !n.disabled; }));
}

std::string new_invocation_id(Random& random) {
  // RFC 9562: four bits say "version 4", two say "variant 10".
  const std::uint64_t high = (random.next() & ~0xF000ULL) | 0x4000ULL;
  const std::uint64_t low = (random.next() & ~(0xC0ULL << 56)) | (0x80ULL << 56);
  return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", high >> 32, (high >> 16) & 0xFFFF, high & 0xFFFF, low >> 48,
                     low & 0xFFFF'FFFF'FFFFULL);
}

}  // namespace millrace::transform
