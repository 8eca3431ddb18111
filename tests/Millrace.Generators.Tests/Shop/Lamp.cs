namespace Millrace.Generators.Tests.Shop;

[Id<int>]
public readonly partial record struct LampId;

[Event("lamp.lit")]
public sealed record LampLit(LampId Lamp, int Watts, string Room);

[Event("lamp.dimmed")]
public sealed record LampDimmed(LampId Lamp, int Watts);

[Event("lamp.sold")]
public sealed record LampSold(LampId Lamp);

/// <summary>A state that is one of several cases, one of which is a kind of another.</summary>
public abstract record Lamp
{
    public sealed record Dark : Lamp;

    public record Lit(int Watts, IReadOnlyList<string> Rooms) : Lamp
    {
        public bool IsBright => Watts > 60;
    }

    public sealed record Dimmed(int Watts, IReadOnlyList<string> Rooms, Lamp Before) : Lit(Watts, Rooms);
}

/// <summary>A case that stands beside the others.</summary>
public sealed record SoldLamp(LampId Id) : Lamp;

[Decider("lamp")]
public static partial class Lamps
{
    public static Lamp Initial { get; } = new Lamp.Dark();

    public static Lamp Evolve(Lamp lamp, LampLit lit) =>
        new Lamp.Lit(lit.Watts, [.. lamp is Lamp.Lit before ? before.Rooms : [], lit.Room]);

    public static Lamp Evolve(Lamp lamp, LampDimmed dimmed) => lamp is Lamp.Lit lit
        ? new Lamp.Dimmed(dimmed.Watts, lit.Rooms, lit)
        : throw new InvalidOperationException("It is dark.");

    public static Lamp Evolve(Lamp lamp, LampSold sold) => new SoldLamp(sold.Lamp);
}

/// <summary>A decider whose state is no more than a number.</summary>
[Decider("watts")]
public static partial class Watts
{
    private const int None = 0;

    public static int Initial => None;

    public static int Evolve(int watts, LampLit lit) => watts + lit.Watts;
}

/// <summary>A decider that defines how its state is shown.</summary>
[Decider("room")]
public static partial class Rooms
{
    public static IReadOnlySet<string> Initial => new HashSet<string>();

    public static IReadOnlySet<string> Evolve(IReadOnlySet<string> rooms, LampLit lit) =>
        new HashSet<string>(rooms) { lit.Room };

    private static void WriteState(System.Text.Json.Utf8JsonWriter writer, IReadOnlySet<string> rooms)
    {
        writer.WriteStartObject();
        writer.WriteNumber("rooms", rooms.Count);
        writer.WriteEndObject();
    }
}
