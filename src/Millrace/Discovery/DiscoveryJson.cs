using System.Text.Json.Serialization;

namespace Millrace.Discovery;

/// <summary>JSON metadata for the stored form of service instances.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    IgnoreReadOnlyProperties = true)]
[JsonSerializable(typeof(ServiceRecord))]
internal sealed partial class DiscoveryJson : JsonSerializerContext;
