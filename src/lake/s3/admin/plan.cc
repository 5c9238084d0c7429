#include "lake/s3/admin/plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/failpoint.h"
#include "base/words.h"

namespace millrace::lake::s3::admin {
namespace {

/// What one setting comes to: its document as it was read, and what differs.
struct Looked {
  std::optional<std::string> document;
  std::vector<Change> changes;
  std::int64_t foreign = 0, as_wanted = 0;
};

/// Why a document could not be read, as a change; nullopt: an error that ends everything.
std::optional<Change> unreadable(const Setting& setting, const Error& error) {
  if (error.kind == ErrorKind::unsupported)
    return Change{Mark::cannot, setting.sub(), setting.noun(), "",
                  fmt::format("cannot be asked of this server: it does not know ?{}", setting.sub())};
  if (error.kind == ErrorKind::permission_denied)
    return Change{Mark::unread, setting.sub(), setting.noun(), "",
                  fmt::format("these credentials may not read ?{}; the role auditor may", setting.sub())};
  return std::nullopt;
}

std::vector<Change> differences(const Setting& setting, const Facts& present) {
  std::vector<Change> changes;
  for (const auto& [name, value] : setting.wanted()) {
    const auto found = present.find(name);
    if (found == present.end())
      changes.push_back({Mark::add, setting.sub(), name, "", value});
    else if (found->second != value)
      changes.push_back({Mark::change, setting.sub(), name, found->second, value});
  }
  for (const auto& [name, value] : present)
    if (!setting.wanted().contains(name)) changes.push_back({Mark::remove, setting.sub(), name, value, ""});
  return changes;
}

Result<Looked> look(BucketApi& api, const Setting& setting) {
  Looked looked;
  const auto document = api.get(setting.sub(), setting.roots());
  if (!document) {
    if (auto change = unreadable(setting, document.error())) {
      // A server that does not know what nobody asks for is worth no word.
      if (!setting.wanted().empty()) looked.changes.push_back(*std::move(change));
      return looked;
    }
    return Error(document.error()).within(fmt::format("reading the bucket's {}", setting.noun()));
  }
  looked.document = *document;
  MR_TRY(const Present present, setting.read(looked.document));
  looked.changes = differences(setting, present.ours);
  looked.foreign = present.foreign;
  looked.as_wanted = std::count_if(setting.wanted().begin(), setting.wanted().end(), [&](const auto& fact) {
    const auto found = present.ours.find(fact.first);
    return found != present.ours.end() && found->second == fact.second;
  });
  return looked;
}

bool to_be_done(const Change& c) { return c.mark == Mark::add || c.mark == Mark::change || c.mark == Mark::remove; }

Status write(BucketApi& api, const Setting& setting, const std::optional<std::string>& present) {
  MR_TRY(const std::string document, setting.document(present));
  MR_FAILPOINT("lake.admin.put.before");
  MR_CHECK(document.empty() ? api.remove(setting.sub()) : api.put(setting.sub(), document));
  MR_FAILPOINT("lake.admin.put.after");
  return ok();
}

/// Looks until the document is as wanted; what is left then is what the server did not keep.
Result<std::vector<Change>> left_behind(BucketApi& api, const Setting& setting, const Patience& patience) {
  for (int looks = 1;; ++looks) {
    MR_TRY(Looked again, look(api, setting));
    const bool unlike = std::any_of(again.changes.begin(), again.changes.end(), to_be_done);
    if (!unlike || patience.sleeper == nullptr || looks >= patience.looks) return std::move(again.changes);
    MR_CHECK(patience.sleeper->sleep(patience.between, {}));
  }
}

/// Puts one setting right. `changes`: what look() found, at least one of them to be done.
Status put_right(BucketApi& api, const Setting& setting, const Looked& looked, const Patience& patience, Applied& out,
                 const std::function<void(const Change&)>& told) {
  const auto tell = [&](std::vector<Change>& to, Change change) {
    if (told) told(change);
    to.push_back(std::move(change));
  };
  if (Status written = write(api, setting, looked.document); !written) {
    const ErrorKind kind = written.error().kind;
    const bool stays =
        kind == ErrorKind::unsupported || kind == ErrorKind::conflict || kind == ErrorKind::invalid_input;
    if (!stays) return std::move(written).error().within(fmt::format("setting the bucket's {}", setting.noun()));
    tell(out.not_done, {Mark::refused, setting.sub(), setting.noun(), "", printable(written.error().message, 400)});
    return ok();
  }
  MR_TRY(const std::vector<Change> left, left_behind(api, setting, patience));
  const auto find_left = [&](const std::string& name) {
    return std::find_if(left.begin(), left.end(), [&](const Change& l) { return l.name == name && to_be_done(l); });
  };
  for (const Change& change : looked.changes) {
    if (!to_be_done(change)) continue;
    if (const auto l = find_left(change.name); l != left.end())
      tell(out.not_done,
           {Mark::not_kept, l->sub, l->name, l->from.empty() ? "nothing" : l->from, l->to.empty() ? "nothing" : l->to});
    else
      tell(out.done, change);
  }
  return ok();
}

}  // namespace

std::string_view name_of(Mark mark) {
  switch (mark) {
    case Mark::add: return "add";
    case Mark::change: return "change";
    case Mark::remove: return "remove";
    case Mark::cannot: return "cannot";
    case Mark::unread: return "unread";
    case Mark::not_kept: return "not_kept";
    case Mark::refused: return "refused";
  }
  return "";
}

bool Plan::differs() const {
  return std::any_of(changes.begin(), changes.end(), [](const Change& c) { return c.mark != Mark::cannot; });
}

Result<Plan> make_plan(BucketApi& api, const Desired& desired) {
  const Server server = api.server();
  MR_CHECK(check(desired, server.aws));
  Plan plan;
  for (const auto& setting : settings_of(desired, server)) {
    MR_TRY(Looked looked, look(api, *setting));
    plan.changes.insert(plan.changes.end(), looked.changes.begin(), looked.changes.end());
    for (const auto& [name, why] : setting->left_out())
      plan.changes.push_back({Mark::cannot, setting->sub(), name, "", why});
    if (looked.foreign > 0) plan.foreign.push_back({setting->noun(), looked.foreign});
    plan.as_wanted += looked.as_wanted;
  }
  return plan;
}

Result<Applied> apply(BucketApi& api, const Desired& desired, const Patience& patience,
                      const std::function<void(const Change&)>& told) {
  const Server server = api.server();
  MR_CHECK(check(desired, server.aws));
  Applied applied;
  for (const auto& setting : settings_of(desired, server)) {
    MR_TRY(const Looked looked, look(api, *setting));
    std::vector<Change> cannot;
    for (const Change& c : looked.changes)
      if (!to_be_done(c)) cannot.push_back(c);
    for (const auto& [name, why] : setting->left_out()) cannot.push_back({Mark::cannot, setting->sub(), name, "", why});
    for (Change& c : cannot) {
      if (told) told(c);
      applied.not_done.push_back(std::move(c));
    }
    if (std::any_of(looked.changes.begin(), looked.changes.end(), to_be_done))
      MR_CHECK(put_right(api, *setting, looked, patience, applied, told));
  }
  return applied;
}

std::string in_words(const Change& c) {
  switch (c.mark) {
    case Mark::add: return fmt::format("+ {}: {}", c.name, c.to);
    case Mark::change: return fmt::format("~ {}: {} → {}", c.name, c.from, c.to);
    case Mark::remove: return fmt::format("- {}: {}", c.name, c.from);
    case Mark::cannot: return fmt::format("! {}: {}", c.name, c.to);
    case Mark::unread: return fmt::format("? {}: {}", c.name, c.to);
    case Mark::refused: return fmt::format("! {}: the server refuses it: {}", c.name, c.to);
    case Mark::not_kept:
      return fmt::format("! {}: the server did not keep it: asked for {}, found {}", c.name, c.to, c.from);
  }
  return "";
}

std::string in_words(const Plan& plan) {
  std::string text;
  for (const Change& c : plan.changes) text += in_words(c) + "\n";
  for (const Foreign& f : plan.foreign)
    text += fmt::format("= {}: {} of others, left as {}\n", f.noun,
                        counted(f.count, f.noun == "bucket policy" ? "statement" : "rule"),
                        f.count == 1 ? "it is" : "they are");
  const auto changes = std::count_if(plan.changes.begin(), plan.changes.end(), to_be_done);
  text += changes > 0      ? fmt::format("{} to be made, {} as wanted\n", counted(changes, "change"), plan.as_wanted)
          : plan.differs() ? fmt::format("not everything could be read; {} as wanted\n", plan.as_wanted)
                           : fmt::format("no difference: {} as wanted\n", plan.as_wanted);
  return text;
}

}  // namespace millrace::lake::s3::admin
