#include "COpenAPI.h"

// In C before C23, #embed is an extension of the compiler's; the standard that SwiftPM chooses is older.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char yaml[] = {
#embed "../../openapi/openapi.yaml"
};

static const unsigned char json[] = {
#embed "../../openapi/openapi.json"
};

const unsigned char *openapi_yaml(void) { return yaml; }
size_t openapi_yaml_length(void) { return sizeof yaml; }

const unsigned char *openapi_json(void) { return json; }
size_t openapi_json_length(void) { return sizeof json; }
