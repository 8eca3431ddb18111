using System.Text.Json.Serialization;

namespace Millrace.Tenancy.Moves;

/// <summary>JSON metadata for the stored progress of moves.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ArrivalRecord))]
internal sealed partial class ArrivalJson : JsonSerializerContext;
