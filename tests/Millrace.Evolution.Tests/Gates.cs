using System.Text.Json.Serialization;

namespace Millrace.Tests;

/// <summary>An event gets another name in two deployments: three builds of one application, written by hand.</summary>
internal static partial class Gates
{
    public sealed record GateOpened(int At);

    /// <summary>Knows the old name only.</summary>
    internal sealed class Before : IModel
    {
        public static void Register(ModelBuilder model) => model.Event("gate.open", 1, GatesJson.Default.GateOpened);
    }

    /// <summary>Reads both names, and writes the old one.</summary>
    internal sealed class Between : IModel
    {
        public static void Register(ModelBuilder model) =>
            model.Event("gate.open", 1, GatesJson.Default.GateOpened).FormerName("gate.opened", "gate.open");
    }

    /// <summary>Reads both names, and writes the new one.</summary>
    internal sealed class After : IModel
    {
        public static void Register(ModelBuilder model) =>
            model.Event("gate.opened", 1, GatesJson.Default.GateOpened).FormerName("gate.open", "gate.opened");
    }

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
    [JsonSerializable(typeof(GateOpened))]
    private sealed partial class GatesJson : JsonSerializerContext;
}
