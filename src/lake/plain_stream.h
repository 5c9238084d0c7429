#pragma once
/// \file lake/plain_stream.h
/// An object whose stored bytes are the text.

#include <memory>

#include "lake/byte_stream.h"
#include "lake/object_store.h"

namespace millrace::lake {

std::unique_ptr<ByteStream> plain_stream(std::unique_ptr<ObjectReader> object);

}  // namespace millrace::lake
