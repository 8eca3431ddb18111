using System.Text.Json.Serialization;

namespace Millrace.Tests;

/// <summary>
/// Three builds of an application, which rename an event in two deployments. The models are written by hand.
/// </summary>
internal static partial class Gates
{
    public sealed record GateOpened(int At);

    /// <summary>A build that knows only the old name.</summary>
    internal sealed class Before : IModel
    {
        public static void Register(ModelBuilder model) => model.Event("gate.open", 1, GatesJson.Default.GateOpened);
    }

    /// <summary>A build that reads both names and writes the old name.</summary>
    internal sealed class Between : IModel
    {
        public static void Register(ModelBuilder model) =>
            model.Event("gate.open", 1, GatesJson.Default.GateOpened).FormerName("gate.opened", "gate.open");
    }

    /// <summary>A build that reads both names and writes the new name.</summary>
    internal sealed class After : IModel
    {
        public static void Register(ModelBuilder model) =>
            model.Event("gate.opened", 1, GatesJson.Default.GateOpened).FormerName("gate.open", "gate.opened");
    }

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
    [JsonSerializable(typeof(GateOpened))]
    private sealed partial class GatesJson : JsonSerializerContext;
}
