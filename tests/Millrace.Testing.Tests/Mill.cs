using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Millrace;

namespace Bakery;

/// <summary>An aggregate whose events replace older event versions.</summary>
[Stream("mill")]
public sealed partial class Mill : Aggregate<MillId>
{
    private readonly List<Sack> _sacks = [];

    public IReadOnlyList<Sack> Sacks => _sacks;

    public int Kilos { get; private set; }

    public void Fill(params Sack[] sacks) => Raise(new SacksFilled(Id, sacks));

    public void Grind(int kilos, string grain)
    {
        Require(kilos > 0, "something-to-grind", "There is nothing to grind.");
        Raise(new GrainGround(Id, grain, kilos));
        Raise(new DustSettled(Id));
    }

#pragma warning disable MILL0038 // The tests check that this fails in a specification as at run time.
    public void Forget() => Raise(new NobodyKnows(Id));
#pragma warning restore MILL0038

    public void Round(double weight) => Raise(new SackWeighed(Id, weight));

    public void Weigh(double weight) => Raise(new GrainWeighed(Id, weight));

    private void When(GrainGround ground) => Kilos += ground.Kilos;

    private void When(SacksFilled filled) => _sacks.AddRange(filled.Sacks);
}

[Id<Guid>]
public readonly partial record struct MillId;

public sealed record Sack(string Grain, int Kilos);

[Event("grain.ground", Version = 2)]
public sealed record GrainGround(MillId Mill, string Grain, int Kilos)
{
    [Upcast]
    public static GrainGround From(GrainGroundV1 old) => new(old.Mill, old.Grain, old.Pounds / 2);
}

[Event("grain.ground", Version = 1)]
public sealed record GrainGroundV1(MillId Mill, string Grain, int Pounds);

[Event("dust.settled")]
public sealed record DustSettled(MillId Mill);

[Event("sack.filled", Version = 2)]
public sealed record SacksFilled(MillId Mill, IReadOnlyList<Sack> Sacks)
{
    /// <summary>Converts the JSON of version 1, whose record no longer exists.</summary>
    [Upcast("sack.filled", 1)]
    public static SacksFilled From(JsonObject old) =>
        new(
            MillId.Parse((string)old["mill"]!),
            [.. ((string)old["grains"]!).Split(',').Select(grain => new Sack(grain, 25))]);
}

/// <summary>An event whose converter loses the fraction of the weight.</summary>
[Event("sack.weighed")]
public sealed record SackWeighed(MillId Mill, [property: JsonConverter(typeof(WholeKilos))] double Kilos);

[Event("grain.weighed")]
public sealed record GrainWeighed(MillId Mill, double Kilos);

/// <summary>A record that is not an event of the model.</summary>
public sealed record NobodyKnows(MillId Mill);

/// <summary>A converter with a mistake. It does not read the value that it has written.</summary>
public sealed class WholeKilos : JsonConverter<double>
{
    public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Math.Floor(reader.GetDouble());

    public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options) =>
        writer.WriteNumberValue(value);
}

public sealed record Ground(string Grain, int Kilos, DateOnly Last);

[Projection("ground")]
public sealed partial class GroundProjection : Projection<string, Ground>
{
    public static string Key(GrainGround ground) => ground.Grain;

    public static Ground? Apply(Ground? before, GrainGround ground, RecordedEvent recorded) => ground.Kilos == 0
        ? null
        : new(ground.Grain, (before?.Kilos ?? 0) + ground.Kilos, DateOnly.FromDateTime(recorded.Timestamp.UtcDateTime));
}

public sealed record Fillings(int Times);

/// <summary>Counts fillings. An event that names a grain more than once is one filling.</summary>
[Projection("fillings")]
public sealed partial class FillingsProjection : Projection<string, Fillings>
{
    public static IEnumerable<string> Key(SacksFilled filled) => filled.Sacks.Select(sack => sack.Grain);

    public static Fillings Apply(Fillings? fillings, SacksFilled filled) => new((fillings?.Times ?? 0) + 1);
}
