namespace Millrace.Generators.Tests.Shop;

[Id<int>]
public readonly partial record struct LampId;

[Event("lamp.lit")]
public sealed record LampLit(LampId Lamp, int Watts, string Room);

[Event("lamp.dimmed")]
public sealed record LampDimmed(LampId Lamp, int Watts);

[Event("lamp.sold")]
public sealed record LampSold(LampId Lamp);

/// <summary>A state with several cases. One case derives from another.</summary>
public abstract record Lamp
{
    public sealed record Dark : Lamp;

    public record Lit(int Watts, IReadOnlyList<string> Rooms) : Lamp
    {
        public bool IsBright => Watts > 60;
    }

    public sealed record Dimmed(int Watts, IReadOnlyList<string> Rooms, Lamp Before) : Lit(Watts, Rooms);
}

/// <summary>A case that is declared outside the state.</summary>
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

/// <summary>A decider whose state is a number.</summary>
[Decider("watts")]
public static partial class Watts
{
    private const int None = 0;

    public static int Initial => None;

    public static int Evolve(int watts, LampLit lit) => watts + lit.Watts;
}

/// <summary>A decider with its own method to write its state.</summary>
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
