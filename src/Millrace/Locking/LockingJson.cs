using System.Text.Json.Serialization;

namespace Millrace.Locking;

/// <summary>JSON metadata for the stored form of locks and fences.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(LockRecord))]
[JsonSerializable(typeof(FenceRecord))]
internal sealed partial class LockingJson : JsonSerializerContext;
