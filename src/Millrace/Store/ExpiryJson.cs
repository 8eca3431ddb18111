using System.Text.Json.Serialization;

namespace Millrace.Store;

/// <summary>The JSON metadata of stored expiries.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(StoredExpiry))]
internal sealed partial class ExpiryJson : JsonSerializerContext;
