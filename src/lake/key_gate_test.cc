#include "lake/key_gate.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <map>
#include <new>
#include <optional>
#include <string>
#include <thread>

#include "base/random.h"

namespace millrace::lake {
namespace {

struct Row {
  std::optional<std::int64_t> id;
  std::string name;
  bool operator==(const Row&) const = default;
};

/// Memory for one batch of (int64, text).
struct Batch {
  std::vector<std::int64_t> ids = std::vector<std::int64_t>(kBatchRows);
  std::vector<StringCell> names = std::vector<StringCell>(kBatchRows);
  std::array<std::vector<std::uint64_t>, 2> valid;
  std::array<ColumnBuffer, 2> buffers;

  std::span<ColumnBuffer> fresh() {
    for (auto& words : valid) words.assign(kBatchRows / 64, ~0ULL);
    buffers = {ColumnBuffer{ids.data(), valid[0].data(), false}, ColumnBuffer{names.data(), valid[1].data(), false}};
    return buffers;
  }
  std::span<ColumnBuffer> with(std::span<const Row> rows) {
    fresh();
    for (std::size_t r = 0; r < rows.size(); ++r) {
      if (rows[r].id)
        buffers[0].set(r, *rows[r].id);
      else
        buffers[0].set_null(r);
      buffers[1].set(r, StringCell::of(rows[r].name));
    }
    return buffers;
  }
  std::vector<Row> rows(std::size_t n) const {
    std::vector<Row> out;
    for (std::size_t r = 0; r < n; ++r) {
      const bool null = (valid[0][r / 64] >> (r % 64) & 1U) == 0;
      out.push_back({null ? std::nullopt : std::optional(ids[r]), std::string(names[r].view())});
    }
    return out;
  }
};

const std::vector<Column> kColumns = {{"id", {TypeKind::int64}}, {"name", {TypeKind::text}}};

std::vector<Row> held_by(KeyGate& gate) {
  std::vector<Row> out;
  auto cursor = std::move(*gate.held().open());
  Batch batch;
  while (const std::size_t n = *cursor->next(batch.fresh()))
    for (Row& row : batch.rows(n)) out.push_back(std::move(row));
  return out;
}

TEST(KeyGate, holds_back_the_later_row_of_a_key) {
  KeyGate gate({{0}}, 100);
  gate.know(kColumns);
  Batch batch;
  const std::vector<Row> first = {{1, "a"}, {std::nullopt, "b"}, {2, "c"}, {1, "a longer text than fits"}, {3, "e"}};
  const std::vector<Row> second = {{std::nullopt, "f"}, {3, "g"}, {4, "h"}};

  const std::size_t one = gate.pass(0, batch.with(first), first.size());
  EXPECT_EQ(batch.rows(one), (std::vector<Row>{{1, "a"}, {std::nullopt, "b"}, {2, "c"}, {3, "e"}}));
  const std::size_t two = gate.pass(1, batch.with(second), second.size());
  EXPECT_EQ(batch.rows(two), (std::vector<Row>{{std::nullopt, "f"}, {4, "h"}}));
  EXPECT_EQ(batch.valid[0][0], ~0ULL << 1 | 0) << "room behind the rows is as fresh";

  EXPECT_TRUE(gate.tight());
  EXPECT_EQ(held_by(gate), (std::vector<Row>{{1, "a longer text than fits"}, {3, "g"}}));
}

TEST(KeyGate, a_key_of_several_columns_and_several_keys) {
  Batch batch;
  const std::vector<Row> rows = {{1, "a"}, {1, "b"}, {2, "a"}, {2, "a"}};
  KeyGate together({{0, 1}}, 100), apart({{0}, {1}}, 100);
  together.know(kColumns);
  apart.know(kColumns);

  EXPECT_EQ(together.pass(0, batch.with(rows), 4), 3U);
  EXPECT_EQ(apart.pass(0, batch.with(rows), 4), 1U);
  EXPECT_EQ(held_by(apart).size(), 3U);
}

TEST(KeyGate, opens_when_too_much_would_be_held_back) {
  KeyGate gate({{0}}, 100, {.most_held = 2});
  gate.know(kColumns);
  Batch batch;
  const std::vector<Row> rows(4, Row{7, "x"});

  EXPECT_EQ(gate.pass(0, batch.with(rows), 4), 1U);
  EXPECT_FALSE(gate.tight());
  EXPECT_EQ(gate.pass(1, batch.with(rows), 4), 4U);
  EXPECT_EQ(held_by(gate).size(), 3U) << "what is held is not lost";
}

TEST(KeyGate, a_batch_of_which_nothing_comes_keeps_nobody_waiting) {
  KeyGate gate({{0}}, 100);
  gate.know(kColumns);
  const std::vector<Row> rows = {{1, "a"}};
  std::size_t passed = 0;
  std::jthread behind([&] {
    Batch batch;
    passed = gate.pass(1, batch.with(rows), 1);
  });
  try {
    const KeyGate::Turn turn(gate, 0);
    throw std::bad_alloc();
  } catch (const std::bad_alloc&) {
  }

  behind.join();
  EXPECT_EQ(passed, 1U);
}

TEST(KeyGate, the_file_decides_which_row_is_the_later_one_not_the_threads) {
  constexpr std::size_t kBatches = 60, kRows = 500, kThreads = 4;
  Random random(11);
  std::vector<std::vector<Row>> file(kBatches);
  std::map<std::int64_t, std::string> firsts;
  std::size_t repeats = 0;
  for (std::size_t b = 0; b < kBatches; ++b)
    for (std::size_t r = 0; r < kRows; ++r) {
      const auto id = static_cast<std::int64_t>(random.below(40'000));
      file[b].push_back({id, "batch " + std::to_string(b) + " row " + std::to_string(r)});
      if (!firsts.emplace(id, file[b].back().name).second) ++repeats;
    }
  KeyGate gate({{0}}, 1000);  // a bad guess: the filter grows
  gate.know(kColumns);

  std::atomic<std::size_t> next{0};
  std::vector<std::vector<Row>> through(kThreads);
  {
    std::vector<std::jthread> pool;
    for (std::size_t t = 0; t < kThreads; ++t)
      pool.emplace_back([&, t] {
        Batch batch;
        for (std::size_t b = next++; b < kBatches; b = next++) {
          if (b % 7 == t) std::this_thread::yield();
          const std::size_t n = gate.pass(b, batch.with(file[b]), kRows);
          for (Row& row : batch.rows(n)) through[t].push_back(std::move(row));
        }
      });
  }

  std::size_t passed = 0;
  for (const auto& rows : through)
    for (const Row& row : rows) {
      ++passed;
      EXPECT_EQ(firsts.at(*row.id), row.name) << "only the first row of a key comes through";
    }
  const std::size_t held = gate.held().size();
  EXPECT_EQ(passed + held, kBatches * kRows);
  EXPECT_GE(held, repeats);
  EXPECT_LE(held, repeats + 200) << "few are held back for nothing";
}

}  // namespace
}  // namespace millrace::lake
