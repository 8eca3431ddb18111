using Millrace;

namespace Bakery;

[Model]
public sealed partial class BakeryModel;

[Event("oven.heated")]
public sealed record OvenHeated(string Oven, int Degrees);

[Event("bread.baked")]
public sealed record BreadBaked(string Oven, string Kind);

public sealed record HeatOven(string Oven, int Degrees) : ICommand;

public sealed record BakeBread(string Oven, string Kind) : ICommand;

[Stream("oven")]
public sealed partial class Oven : Aggregate<string>
{
    private int _degrees;

    public void Heat(int degrees)
    {
        if (degrees != _degrees)
            Raise(new OvenHeated(Id, degrees));
    }

    public void Bake(string kind)
    {
        Require(_degrees >= 200, "oven-hot", "The oven is too cold for bread.");
        Raise(new BreadBaked(Id, kind));
    }

    private void When(OvenHeated heated) => _degrees = heated.Degrees >= 0
        ? heated.Degrees
        : throw new InvalidOperationException("No oven is that cold.");
}

public static class OvenHandlers
{
    public static void Handle(HeatOven command, [OrNew, From(nameof(HeatOven.Oven))] Oven oven) =>
        oven.Heat(command.Degrees);

    public static void Handle(BakeBread command, [From(nameof(BakeBread.Oven))] Oven oven) => oven.Bake(command.Kind);
}

public sealed record Loaves(string Kind, int Count);

[Projection("loaves")]
public sealed partial class LoavesProjection : Projection<string, Loaves>
{
    public static string Key(BreadBaked baked) => baked.Kind;

    public static Loaves? Apply(Loaves? loaves, BreadBaked baked) => baked.Kind == "brick"
        ? throw new InvalidOperationException("A brick is no loaf.")
        : new(baked.Kind, (loaves?.Count ?? 0) + 1);
}
