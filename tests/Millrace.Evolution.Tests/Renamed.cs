using System.Text.Json.Serialization;

namespace Millrace.Tests;

/// <summary>A hand-written model with an event that was renamed.</summary>
internal static partial class Renamed
{
    public static ModelBuilder Register(ModelBuilder model) => model
        .Event("gate.opened", 1, GateJson.Default.GateOpened)
        .FormerName("gate.open", "gate.opened");

    public sealed record GateOpened(int At);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
    [JsonSerializable(typeof(GateOpened))]
    private sealed partial class GateJson : JsonSerializerContext;
}
