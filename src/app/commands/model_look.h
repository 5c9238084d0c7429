#pragma once
/// \file app/commands/model_look.h
/// The model commands that build nothing.

#include "app/commands.h"
#include "app/commands/model_commands.h"

namespace millrace::app {

int run_compile(const CommonOptions& common, const ModelArguments& arguments);
int run_parse(const CommonOptions& common, const ModelArguments& arguments);
int run_ls(const CommonOptions& common, const ModelArguments& arguments);
int run_show(const CommonOptions& common, const ModelArguments& arguments);
int run_debug(const CommonOptions& common, const ModelArguments& arguments);
int run_clean(const CommonOptions& common, const ModelArguments& arguments);
int run_lineage(const CommonOptions& common, const ModelArguments& arguments);

/// Where the project keeps its artifacts, without reading its models. Errors: those of dbt_project.yml.
Result<std::string> target_folder_of(const CommonOptions& common, const ModelArguments& arguments);

}  // namespace millrace::app
