#pragma once

#include <stddef.h>

// The OpenAPI documents as they were when this was compiled: UTF-8, without a final NUL, for as long as the process
// lives. They are served under /openapi.yaml and /openapi.json.
const unsigned char *_Nonnull openapi_yaml(void);
size_t openapi_yaml_length(void);
const unsigned char *_Nonnull openapi_json(void);
size_t openapi_json_length(void);
