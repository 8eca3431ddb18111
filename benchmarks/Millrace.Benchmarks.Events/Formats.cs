using System.Text.Json.Serialization;

namespace Millrace.Benchmarks.Events;

/// <summary>The model of the benchmark events, with generated serializers for JSON and CBOR.</summary>
[Model]
public sealed partial class Formats
{
    public static EventTypeMap Types { get; } = Build();

    private static EventTypeMap Build()
    {
        var model = new ModelBuilder();
        Register(model);
        return model.BuildEventTypes();
    }
}

/// <summary>A measurement of a device.</summary>
[Event("device.measured")]
public sealed record DeviceMeasured(
    Guid Device,
    long Sequence,
    DateTimeOffset At,
    decimal Celsius,
    decimal Volts,
    int Humidity,
    bool IsCharging,
    DateOnly CalibratedOn)
{
    public static DeviceMeasured Sample { get; } = new(
        Guid.Parse("0193f0c2-1f2e-7000-8000-0000000000aa"),
        1_204_551,
        new DateTimeOffset(2011, 12, 5, 17, 30, 15, 120, TimeSpan.Zero),
        21.75m,
        3.312m,
        48,
        true,
        new DateOnly(2011, 6, 1));
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(DeviceMeasured))]
public sealed partial class FormatsJson : JsonSerializerContext;
